import type { Context } from 'hono';
import * as v from 'valibot';
import type { InputOf } from '../../lib/contract/contract.ts';
import { openid } from '../../lib/contract/fields.ts';
import { IdempotencyKey, type INTERACTIONS } from '../../lib/contract/interactions.ts';
import { badParameter } from '../../lib/http/error.ts';
import { isNobodysShard } from '../../lib/interactions/keys.ts';
import { checkCustomMessage } from '../../lib/wechat/api/customer-service-message.ts';
import type { SendRequest } from './send-message.ts';

/**
 * A query whose time span is not empty.
 * @throws HttpError 400
 */
export function forwards<T extends { from?: number | undefined; to?: number | undefined }>(query: T): T {
  if (query.from !== undefined && query.to !== undefined && query.from >= query.to) {
    throw badParameter('from', 'must be before to');
  }
  return query;
}

/**
 * The openid in the path.
 * @throws HttpError 400
 */
export function followerIn({ openid: named }: Readonly<Record<string, string>>): string {
  return checked('openid', openid, named);
}

function checked(place: string, shape: v.GenericSchema<string>, value: string | undefined): string {
  const result = v.safeParse(shape, value);
  if (!result.success) throw badParameter(place, result.issues[0].message);
  return result.output;
}

/** The partition in the path: an openid's, or that of deliveries without one. */
export const historyIn = (params: Readonly<Record<string, string>>): string =>
  params.openid !== undefined && isNobodysShard(params.openid) ? params.openid : followerIn(params);

type Message = InputOf<(typeof INTERACTIONS)['POST /interactions/{openid}']>;

/** A customer-service message to a follower, which is checked, and perhaps an Idempotency-Key. */
export function messageTo(
  openid: string,
  { touser, ...message }: Message,
  http: Context,
): Omit<SendRequest, 'operator'> {
  if (touser !== undefined && touser !== openid) throw badParameter('touser', 'must be the openid of the path');
  return { openid, key: keyIn(http.env.event.headers), message: checkCustomMessage(message) };
}

/** Read from the event: the adapter drops a header that is empty, which must not pass for one that is not there. */
function keyIn(headers: Record<string, string | undefined>): string | undefined {
  const key = Object.entries(headers).find(([name]) => name.toLowerCase() === 'idempotency-key')?.[1];
  return key === undefined ? undefined : checked('Idempotency-Key', IdempotencyKey, key);
}
