import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { log } from '../../lib/log.ts';
import { HOLD } from '../../lib/slow-replies/attempt.ts';
import type { Lost } from '../../lib/tables/interactions/record-delivery.ts';
import {
  type CallbackAccount,
  echoOf,
  LARGEST_BODY_BYTES,
  openDelivery,
  RefusedCallback,
  readCallback,
} from '../../lib/wechat/callback.ts';
import { type Delivery, kindOf, MalformedDelivery, readDelivery, sortKeyOf } from '../../lib/wechat/delivery.ts';
import { sealReply } from '../../lib/wechat/envelope.ts';
import { renderReply } from '../../lib/wechat/reply.ts';
import { MalformedXml, parseXml } from '../../lib/wechat/xml.ts';
import { type AnswerPorts, answerTo, NotRecorded } from './answer.ts';
import { logDelivery, pseudonym } from './log-delivery.ts';
import { echo, refused, SUCCESS, xml } from './responses.ts';

type Answer = APIGatewayProxyStructuredResultV2;

export type Ports = AnswerPorts & {
  readonly account: CallbackAccount;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Seals a delivery that could not be recorded, for `npm run recover`; absent without a key. */
  readonly sealed?: ((lost: Lost) => Promise<string>) | undefined;
};

/** WeChat hangs up after five seconds and sends again; nothing else is documented to make it send again. */
const PAST_WECHATS_PATIENCE_MS = 5_200;

/**
 * Answers what WeChat asks. A GET proves to mp.weixin.qq.com that this address is ours. A POST is a delivery: verify,
 * open, read, decide, record, answer, in this order. Nothing is acknowledged that was not kept.
 */
export const webhook =
  (ports: Ports) =>
  async (event: APIGatewayProxyEventV2): Promise<Answer> => {
    try {
      return event.requestContext.http.method === 'GET' ? verify(ports, event) : await receive(ports, event);
    } catch (error) {
      return turnedAway(error, event);
    }
  };

function verify({ account, now }: Ports, event: APIGatewayProxyEventV2): Answer {
  return echo(echoOf(account, readCallback(account, event.rawQueryString, now())));
}

async function receive(ports: Ports, event: APIGatewayProxyEventV2): Promise<Answer> {
  const { account, now, sleep, sealed } = ports;
  const start = now();
  const body = bodyOf(event);
  const callback = readCallback(account, event.rawQueryString, start);
  const { xml: source, key } = openDelivery(account, callback, body);
  const fields = parseXml(source);
  const delivery = readDelivery(fields);
  const created = sortKeyOf(fields, delivery);
  const kind = kindOf(delivery);
  const facts = {
    kind: kind.slice(0, 64),
    follower: pseudonym(delivery.from, account.token),
    request_id: event.requestContext.requestId,
  };
  try {
    const { receivedAt, reply, verdict, isSlow } = await answerTo(ports, {
      delivery,
      created,
      kind,
      start,
      receivedAt: event.requestContext.timeEpoch,
    });
    logDelivery(reply === HOLD ? 'held' : verdict, facts, isSlow ? undefined : now() - start);
    if (reply === HOLD) return held(503, 'the answer is not ready');
    if (reply === null) return SUCCESS;
    const rendered = renderReply(reply, partiesOf(delivery, receivedAt));
    return xml(key ? sealReply(rendered, { ...account, ...callback, key }) : rendered);
  } catch (error) {
    if (error instanceof NotRecorded) {
      const { taken, cause } = error;
      const left = await sealed?.({ delivery, taken }).catch(() => undefined);
      logDelivery('lost', { ...facts, error: cause as Error, sealed: left });
      return held(503, 'not recorded');
    }
    log.error('a recorded delivery could not be answered', { ...facts, error: error as Error });
    logDelivery('held', facts, now() - start);
    return held(503, 'the answer is not ready');
  }

  async function held(status: number, errmsg: string): Promise<Answer> {
    await sleep(PAST_WECHATS_PATIENCE_MS - (now() - start));
    return refused(status, errmsg);
  }
}

/** A repeated delivery is answered like its first attempt, to the second it is dated. */
const partiesOf = ({ from, to }: Delivery, receivedAt: number) => ({
  to: from,
  from: to,
  created: Math.floor(receivedAt / 1000),
});

class TooLarge extends Error {}

function bodyOf({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string {
  const bytes = isBase64Encoded ? (body.length / 4) * 3 : Buffer.byteLength(body);
  if (bytes > LARGEST_BODY_BYTES) throw new TooLarge(`the body is larger than ${LARGEST_BODY_BYTES} bytes`);
  return isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
}

function turnedAway(error: unknown, event: APIGatewayProxyEventV2): Answer {
  const status = statusOf(error);
  if (status === undefined) throw error;
  const { message: reason } = error as Error;
  const { requestId: request_id } = event.requestContext;
  logDelivery(status === 401 ? 'forged' : 'malformed', { status, reason, request_id });
  return refused(status, reason);
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof TooLarge) return 413;
  if (error instanceof RefusedCallback) return error.status;
  return error instanceof MalformedXml || error instanceof MalformedDelivery ? 400 : undefined;
}
