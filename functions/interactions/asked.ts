import type { Context } from 'hono';
import * as v from 'valibot';
import { NO_OBJECT } from '../../lib/contract/issues.ts';
import { badParameter } from '../../lib/http/error.ts';
import { openid } from '../../lib/http/fields.ts';
import { type Input, json, query, refine } from '../../lib/http/input.ts';
import { instant, limit } from '../../lib/http/paging.ts';
import { checkCustomMessage } from '../../lib/wechat/custom-message.ts';
import type { Wish } from './answer.ts';

const pages = { from: v.optional(instant), to: v.optional(instant), cursor: v.optional(v.string()), limit };
const Page = v.strictObject(pages);
const Search = v.strictObject({
  ...pages,
  kind: v.optional(v.pipe(v.string(), v.nonEmpty('must not be empty'), v.maxBytes(256, 'must be at most 256 bytes'))),
  direction: v.optional(v.picklist(['in', 'out'], 'must be in or out')),
});

/** Far above any message that WeChat takes; with it the history keeps it. */
const LARGEST_MESSAGE_BYTES = 64 * 1024;

/** `?from=&to=&kind=&direction=&cursor=&limit=` */
export const ofEveryone: Input<v.InferOutput<typeof Search>> = refine(query(Search), forwards);

/** `-#` and a shard: of deliveries of which nobody can say whose they are. */
const NOBODYS = /^-#\d{1,2}$/;

/** `{openid}?from=&to=&cursor=&limit=` */
export const ofFollower: Input<v.InferOutput<typeof Page> & { openid: string }> = refine(
  query(Page),
  (asked, request) => ({ openid: historyIn(request), ...forwards(asked) }),
);

/** `{openid}` and a customer-service message, which is checked, and perhaps an Idempotency-Key. */
export const messageTo: Input<Pick<Wish, 'openid' | 'key' | 'message'>> = refine(
  json(v.looseObject({}, NO_OBJECT), LARGEST_MESSAGE_BYTES),
  ({ touser, ...message }, request) => {
    const openid = openidIn(request);
    if (touser !== undefined && touser !== openid) throw badParameter('touser', 'must be the openid of the path');
    return { openid, key: keyIn(request.env.event.headers), message: checkCustomMessage(message) };
  },
);

function forwards<T extends { from?: number | undefined; to?: number | undefined }>(asked: T): T {
  if (asked.from !== undefined && asked.to !== undefined && asked.from >= asked.to) {
    throw badParameter('from', 'must be before to');
  }
  return asked;
}

function historyIn(request: Context): string {
  const value = request.req.param('openid');
  return value !== undefined && NOBODYS.test(value) ? value : openidIn(request);
}

function openidIn(request: Context): string {
  const result = v.safeParse(openid, request.req.param('openid'));
  if (!result.success) throw badParameter('openid', result.issues[0].message);
  return result.output;
}

/** Read from the event: the adapter drops a header that is empty, which must not pass for one that is not there. */
function keyIn(headers: Record<string, string | undefined>): string | undefined {
  const key = Object.entries(headers).find(([name]) => name.toLowerCase() === 'idempotency-key')?.[1];
  if (key === undefined || /^[\x20-\x7e]{1,64}$/.test(key)) return key;
  throw badParameter('Idempotency-Key', 'must be 1–64 printable characters');
}
