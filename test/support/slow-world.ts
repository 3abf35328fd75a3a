import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type Decision, deciding } from '../../functions/webhook/decide.ts';
import { slowReplies } from '../../functions/webhook/slow-replies.ts';
import { webhook } from '../../functions/webhook/webhook.ts';
import { withSlowReplies } from '../../functions/webhook/with-slow-replies.ts';
import { type Handlers, hasSlow } from '../../lib/replies/handlers.ts';
import type { SlowReplyRequest } from '../../lib/slow-replies/protocol.ts';
import { slowReplyRun } from '../../lib/slow-replies/run.ts';
import { inFlightTable } from '../../lib/tables/in-flight.ts';
import type { Lost } from '../../lib/tables/interactions/record-delivery.ts';
import { slowRepliesTable } from '../../lib/tables/slow-replies.ts';
import { WeChatError } from '../../lib/wechat/api/error.ts';
import { patientDatabase } from './account.ts';
import { APP_ID, KEY, NOW, safe, TOKEN, textMessage, unsealed } from './callback.ts';
import { virtualClock } from './clock.ts';
import { tableNamed } from './tables.ts';
import { recordingIn } from './webhook.ts';

/** WeChat hangs up then, and shows this after the third time. */
const CUT_MS = 5_000;
export const FAILURE = '该公众号提供的服务出现故障';
export const WAITING_TEXT = 'it takes longer';

/** Lambda tries an asynchronous invocation whose process died again after a minute. */
const LAMBDA_RETRY_MS = 60_000;

/** What a process may do to its steps: count them, fail them, die at one. */
export type Life = {
  readonly using: (db: DynamoDBDocumentClient) => DynamoDBDocumentClient;
  readonly step: <A extends unknown[], T>(name: string, work: (...args: A) => Promise<T>) => (...args: A) => Promise<T>;
  readonly died: Promise<unknown>;
};

const immortal: Life = { using: (db) => db, step: (_, work) => work, died: new Promise(() => undefined) };

type World = {
  readonly handlers: Handlers;
  readonly rules?: () => Promise<Decision>;
  /** Whether WeChat takes customer-service messages, and whether the service knows so beforehand. */
  readonly mayBeMessaged?: boolean;
  readonly isKnownToSend?: boolean;
  readonly startsFailing?: number;
  readonly inFlight?: number;
  readonly distanceMs?: number;
  readonly sealed?: (lost: Lost) => Promise<string>;
};

export type Seen = { readonly sees: string; readonly attempt: number; readonly after_s: number };

/** Time is the clock's: a busy machine is no failure. */
const db = patientDatabase();

let worlds = 0;

/** The webhook and `slow-replies`, WeChat with its three attempts, and what a follower sees of it, on a clock of their own. */
export function slowWorld(world: World) {
  const { handlers, rules = async () => ({ reply: null }), mayBeMessaged = true, startsFailing = 0 } = world;
  const { inFlight = 100, distanceMs = 500, sealed } = world;
  const account = `wxWorld${++worlds}`;
  const clock = virtualClock(NOW);
  const { now, sleep } = clock;
  const sent: { content: string; at: number }[] = [];
  const started: SlowReplyRequest[] = [];
  const running: Promise<unknown>[] = [];
  const state = { mayBeMessaged };

  const portsOf = (life: Life) => {
    const send = clock.counted(db.send.bind(db) as (...args: unknown[]) => Promise<unknown>);
    const counted = new Proxy(db, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)) });
    const using = life.using(counted);
    return {
      table: slowRepliesTable(using, tableNamed('pending'), { account, now }),
      inFlight: inFlightTable(using, tableNamed('pending'), { account, most: inFlight, now }),
      record: recordingIn(using),
      now,
      sleep,
    };
  };

  const slowFunction = (life: Life) => {
    const wechat = async (_path: string, request: { body?: unknown } = {}) => {
      if (!state.mayBeMessaged) throw new WeChatError({ reason: 'refused', errcode: 48001, errmsg: 'unauthorized' });
      const { msgtype, ...body } = request.body as { msgtype: string; text?: { content: string } };
      sent.push({ content: msgtype === 'text' ? String(body.text?.content) : `[${msgtype}]`, at: now() });
      return { errcode: 0 };
    };
    return slowReplyRun({ handlers, wechat: life.step('WeChat', wechat), ...portsOf(life) });
  };

  /** Invokes asynchronously: a process that dies is tried again, once. */
  async function invoke(request: SlowReplyRequest, life: Life): Promise<void> {
    const event = JSON.parse(JSON.stringify(request));
    const ended = slowFunction(life)(event).then(() => 'ended');
    if ((await Promise.race([ended, life.died])) === 'ended') return;
    await sleep(LAMBDA_RETRY_MS);
    await slowFunction(immortal)(event);
  }

  /** One process of the webhook. */
  function process(life: Life = immortal, slowLife: Life = immortal) {
    const ports = portsOf(life);
    const start = life.step('Lambda', async (request: SlowReplyRequest) => {
      started.push(request);
      if (started.length <= startsFailing) throw new Error('Lambda is throttled');
      running.push(invoke(request, slowLife));
    });
    return webhook({
      account: { appId: APP_ID, token: TOKEN, keys: [KEY], mode: 'safe' },
      decide: withSlowReplies({
        decide: deciding({ handlers, rules, welcomeText: undefined }),
        slowReplies: async () => slowReplies({ start, distanceMs, waitingText: WAITING_TEXT, ...ports }),
        bringsWaiting: hasSlow(handlers),
      }),
      distanceMs,
      sealed,
      ...ports,
    });
  }

  /** Sends as WeChat does: three attempts, each cut after five seconds. Says what the follower sees, and when. */
  async function deliver(
    xml: string,
    lives: { first?: Life; slow?: Life; attempts?: readonly number[] } = {},
  ): Promise<Seen> {
    if (world.isKnownToSend !== undefined && started.length === 0)
      await portsOf(immortal).table.rememberMaySend(world.isKnownToSend);
    const start = now();
    for (const attempt of lives.attempts ?? [1, 2, 3]) {
      const handler = process(attempt === 1 ? lives.first : immortal, lives.slow);
      const cut = sleep(CUT_MS).then(() => undefined);
      const response = await Promise.race([handler(safe(xml, { time: now() })), cut]);
      const sees = response && seenIn(response);
      if (sees !== undefined) return { sees, attempt, after_s: Math.round((now() - start) / 1000) };
      if (response !== undefined) await cut;
    }
    return { sees: FAILURE, attempt: 3, after_s: 15 };
  }

  /** A text message made now. */
  const message = (content: string, from: string): string =>
    textMessage(content, { from, created: Math.floor(now() / 1000) });

  /** A tap on the link in a text: the message that WeChat makes of it. */
  function tapOn(text: string, from: string): string {
    const [, content = '', id = ''] = /msgmenucontent=([^&"]*)&msgmenuid=([\w-]*)"/.exec(text) ?? [];
    return message(content, from).replace('</xml>', `<bizmsgmenuid>${id}</bizmsgmenuid></xml>`);
  }

  async function finish(): Promise<void> {
    for (let done = 0; done < running.length; done = running.length) await Promise.all(running);
  }

  return { account, clock, process, deliver, message, tapOn, sent, started, finish, state, ports: portsOf(immortal) };
}

function seenIn({ statusCode, body = '' }: APIGatewayProxyStructuredResultV2): string | undefined {
  if (statusCode !== 200) return undefined;
  if (body === 'success') return '';
  const { Content, MsgType } = unsealed(body);
  return Content === undefined ? `[${MsgType}]` : String(Content);
}
