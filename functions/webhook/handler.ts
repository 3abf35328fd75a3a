import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { readConfig } from '../../lib/config.ts';
import { log } from '../../lib/log.ts';
import { documentClient } from '../../lib/tables/client.ts';
import { type Kept, type Recorder, recorder } from '../../lib/tables/interactions/record.ts';
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
import { callbackAccount } from './account.ts';
import { echo, refused, SUCCESS, xml } from './answers.ts';
import { type Decide, welcoming } from './decide.ts';
import { recordDelivery } from './record-delivery.ts';

type Answer = APIGatewayProxyStructuredResultV2;

export type Ports = {
  readonly account: CallbackAccount;
  readonly record: Recorder;
  readonly decide: Decide;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
};

/** WeChat hangs up after five seconds and sends again; nothing else is documented to make it send again. */
const PAST_WECHATS_PATIENCE_MS = 5_200;

/**
 * `GET /webhook` proves to mp.weixin.qq.com that this address is ours. `POST /webhook` takes a delivery: verify, open,
 * read, decide, record, answer, in this order. Nothing is acknowledged that was not kept.
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

async function receive({ account, record, decide, now, sleep }: Ports, event: APIGatewayProxyEventV2): Promise<Answer> {
  const start = now();
  const body = bodyOf(event);
  const callback = readCallback(account, event.rawQueryString, start);
  const opened = openDelivery(account, callback, body);
  const fields = parseXml(opened.xml);
  const delivery = readDelivery(fields);
  const kind = kindOf(delivery);
  const receivedAt = event.requestContext.timeEpoch;
  const taken = { created: sortKeyOf(fields, delivery), receivedAt, kind, reply: decide(delivery) };
  const facts = { kind, request_id: event.requestContext.requestId };
  try {
    const kept = await recordDelivery(record, delivery, taken);
    log.info('delivery', { ...facts, verdict: kept.isRepeated ? 'repeated' : 'recorded', took_ms: now() - start });
    const reply = rendered(delivery, kept);
    if (reply === undefined) return SUCCESS;
    return xml(opened.key ? sealReply(reply, { ...account, ...callback, key: opened.key }) : reply);
  } catch (error) {
    log.error('delivery', { ...facts, verdict: 'not recorded', error: error as Error });
    await sleep(PAST_WECHATS_PATIENCE_MS - (now() - start));
    return refused(503, 'not recorded');
  }
}

/** Repetitions are answered like the first attempt, to the second it is dated. */
const rendered = (delivery: Delivery, { reply, receivedAt }: Kept): string | undefined =>
  reply === null
    ? undefined
    : renderReply(reply, { to: delivery.from, from: delivery.to, created: Math.floor(receivedAt / 1000) });

class TooLarge extends Error {}

function bodyOf({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string {
  const bytes = isBase64Encoded ? (body.length / 4) * 3 : Buffer.byteLength(body);
  if (bytes > LARGEST_BODY_BYTES) throw new TooLarge(`the body is larger than ${LARGEST_BODY_BYTES} bytes`);
  return isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
}

function turnedAway(error: unknown, event: APIGatewayProxyEventV2): Answer {
  const status = statusOf(error);
  if (status === undefined) throw error;
  const { message } = error as Error;
  log.warn('delivery', { verdict: 'refused', status, reason: message, request_id: event.requestContext.requestId });
  return refused(status, message);
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof TooLarge) return 413;
  if (error instanceof RefusedCallback) return error.status;
  return error instanceof MalformedXml || error instanceof MalformedDelivery ? 400 : undefined;
}

const config = readConfig([
  'WECHAT_APP_ID',
  'WECHAT_TOKEN',
  'WECHAT_ENCODING_AES_KEY',
  'WECHAT_PREVIOUS_ENCODING_AES_KEY',
  'WECHAT_MESSAGE_MODE',
  'WELCOME_TEXT',
  'INTERACTIONS_TABLE',
  'INTERACTION_SHARDS',
  'INTERACTION_RETENTION_DAYS',
  'DYNAMODB_ENDPOINT',
]);

export const handler = webhook({
  account: callbackAccount(config),
  record: recorder(documentClient(config), config.INTERACTIONS_TABLE, {
    shards: config.INTERACTION_SHARDS,
    retentionDays: config.INTERACTION_RETENTION_DAYS,
  }),
  decide: welcoming(config.WELCOME_TEXT),
  now: Date.now,
  sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
});
