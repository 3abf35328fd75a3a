import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { sortKeyOf } from '../../lib/interactions/keys.ts';
import { codeOf, statusOf } from '../../lib/platform/error.ts';
import { log } from '../../lib/platform/log.ts';
import type { Sleep } from '../../lib/platform/retry.ts';
import type { Lost } from '../../lib/tables/interactions/record-delivery.ts';
import {
  type Callback,
  type CallbackAccount,
  echoOf,
  isShapedLikeWeChats,
  openDelivery,
  RefusedCallback,
  readCallback,
} from '../../lib/wechat/callback/callback.ts';
import { sealReply } from '../../lib/wechat/callback/envelope.ts';
import { renderReply } from '../../lib/wechat/callback/passive-reply.ts';
import {
  type Arrival,
  type Delivery,
  kindOf,
  readArrival,
  type Unreadable,
} from '../../lib/wechat/deliveries/delivery.ts';
import { logDelivery, pseudonym, refusalLog } from './log-delivery.ts';
import { isNotRecorded, type ReplyPorts, replyTo } from './reply.ts';
import { type Request, requestOf } from './request.ts';
import { echo, HELD, REFUSED, SUCCESS, TOO_LARGE, xml } from './responses.ts';
import { type KeepUnreadable, keepingUnreadable } from './unreadable.ts';

type Response = APIGatewayProxyStructuredResultV2;

export type Ports = ReplyPorts & {
  readonly account: CallbackAccount;
  readonly sleep: Sleep;
  /** Seals a delivery that could not be recorded, for `npm run recover`; absent without a key. */
  readonly sealed?: ((lost: Lost) => Promise<string>) | undefined;
};

/** WeChat hangs up after five seconds and retries; nothing else is documented to make it retry. */
const PAST_WECHATS_PATIENCE_MS = 5_200;

/**
 * Handles WeChat's requests. A GET is the URL check of mp.weixin.qq.com. A POST is a delivery: verify, decrypt, read,
 * decide, record, reply, in this order. Only recorded deliveries are acknowledged, and all refusals have one response.
 */
export function webhook(ports: Ports) {
  const { account, now } = ports;
  const refusals = refusalLog(now);
  const keepUnreadable = keepingUnreadable(ports);
  return async (event: APIGatewayProxyEventV2): Promise<Response> => {
    const start = now();
    refusals.flush();
    let request: Request | undefined;
    try {
      request = requestOf(event, start);
      const callback = callbackIn(account, request, start);
      if (request.method === 'GET') return echo(echoOf(account, callback));
      return await receive(ports, keepUnreadable, { ...request, callback, start });
    } catch (error) {
      const { method = '', query = '', requestId: request_id } = request ?? {};
      const refusal = { code: refusalCode(error), method, request_id };
      refusals.add(refusal, isShapedLikeWeChats(query, start));
      return statusOf(error) === 413 ? TOO_LARGE : REFUSED;
    }
  };
}

function callbackIn(account: CallbackAccount, { method, query, body }: Request, start: number): Callback {
  if (method !== 'GET' && method !== 'POST') throw new RefusedCallback('method');
  const callback = readCallback(account, query, start);
  if (method === 'POST' && body.trim() === '') throw new RefusedCallback('body');
  return callback;
}

/** The code of a refusal, which has a status; everything else is a fault of ours. */
function refusalCode(error: unknown): string {
  const code = statusOf(error) && codeOf(error);
  if (code) return code;
  log.error('the webhook failed', { error: error as Error });
  return 'unexpected';
}

type Proven = Request & { readonly callback: Callback; readonly start: number };

async function receive(ports: Ports, keepUnreadable: KeepUnreadable, request: Proven): Promise<Response> {
  const { account, now, sleep, sealed } = ports;
  const { callback, start, receivedAt: arrivedAt, requestId: request_id } = request;
  const { message, key } = openDelivery(account, callback, request.body);
  const arrival = readArrival(message);
  const { delivery } = arrival;
  const sortKey = sortKeyOf(delivery.createTime, arrival.identity);
  const kind = kindOf(delivery);
  const facts = { kind: kind.slice(0, 64), follower: pseudonym(delivery.from), request_id };
  try {
    if (isUnreadable(arrival)) {
      await keepUnreadable(arrival.delivery, sortKey, { receivedAt: arrivedAt, facts, isProven: key !== undefined });
      return SUCCESS;
    }
    const arrived = { delivery: arrival.delivery, sortKey, kind, start, receivedAt: arrivedAt };
    const { receivedAt, outcome, verdict, isSlow } = await replyTo(ports, arrived);
    logDelivery(outcome.kind === 'held' ? 'held' : verdict, facts, isSlow ? undefined : now() - start);
    if (outcome.kind === 'held') return held();
    if (outcome.kind === 'silence') return SUCCESS;
    const rendered = renderReply(outcome.reply, partiesOf(arrival.delivery, receivedAt));
    return xml(key ? sealReply(rendered, { ...account, ...callback, key }) : rendered);
  } catch (error) {
    if (statusOf(error) !== undefined) throw error;
    if (isNotRecorded(error)) {
      const { taken, cause } = error;
      const left = await sealed?.({ delivery, taken }).catch(() => undefined);
      logDelivery('lost', { ...facts, error: cause as Error, sealed: left });
      return held();
    }
    log.error('a recorded delivery could not be replied to', { ...facts, error: error as Error });
    logDelivery('held', facts, now() - start);
    return held();
  }

  async function held(): Promise<Response> {
    await sleep(PAST_WECHATS_PATIENCE_MS - (now() - start));
    return HELD;
  }
}

const isUnreadable = (arrival: Arrival<Delivery | Unreadable>): arrival is Arrival<Unreadable> =>
  arrival.delivery.type === 'unreadable';

/** A repetition gets the reply of the first attempt, with the same CreateTime. */
const partiesOf = ({ from, to }: Delivery, receivedAt: number) => ({
  to: from,
  from: to,
  createTime: Math.floor(receivedAt / 1000),
});
