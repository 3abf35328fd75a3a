import { randomUUID } from 'node:crypto';
import { log } from '../../lib/log.ts';
import { metrics } from '../../lib/metrics.ts';
import type { AnswerRequest } from '../../lib/replies/answer-request.ts';
import { asReply, type Handlers, handlerFor, isSlow } from '../../lib/replies/handlers.ts';
import type { AnswersTable } from '../../lib/tables/answers.ts';
import type { Recorder } from '../../lib/tables/interactions/record.ts';
import type { WeChat } from '../../lib/wechat/client.ts';
import { checkCustomMessage, sendCustomMessage } from '../../lib/wechat/custom-message.ts';
import type { Delivery } from '../../lib/wechat/delivery.ts';
import { WeChatError } from '../../lib/wechat/error.ts';
import { checkReply, type Reply } from '../../lib/wechat/reply.ts';

type Ports = {
  readonly handlers: Handlers;
  readonly table: AnswersTable;
  readonly record: Recorder;
  readonly wechat: WeChat;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
};

/** The function has 60 s: the handler's, 10 s to send what it said, and some to end by itself. */
const HANDLER_MS = 45_000;
const SEND_MS = 10_000;

/** Pauses before a step that failed is tried again. */
const PAUSES_MS = [500, 2_000, 4_000] as const;

/** WeChat's third attempt has been answered by then: 5 s, 5 s and 4.5 s after the claim, and something to spare. */
const ATTEMPTS_OVER_MS = 16_000;

/**
 * Runs a slow handler, once for a delivery however often it is asked. WeChat's attempts pick the answer up; what they did
 * not pick up is sent as a customer-service message, or waits for the follower's next message. Never throws.
 */
export function answerMaker({ handlers, table, record, wechat, now, sleep }: Ports) {
  return async ({ delivery, created, kind }: AnswerRequest): Promise<void> => {
    const key = `${delivery.from}#${created}`;
    const thisRun = randomUUID();
    try {
      if (!(await insisting(() => table.start(key, thisRun)))) return;
      const claimedAt = (await insisting(() => table.read(key)))?.claimed_at ?? now();
      const said = await run(delivery, kind);
      await insisting(() => table.store(key, said));
      if (said === null) return;
      await sleep(claimedAt + ATTEMPTS_OVER_MS - now());
      if (await insisting(() => table.take(key, 'message'))) await deliver(delivery, created, kind, said);
    } catch (error) {
      const metric = metrics({ name: 'answers_lost', value: 1, unit: 'Count' });
      log.error('a slow answer was lost', { kind, error: (error as Error).name, ...metric });
    }
  };

  /** Every step may be done twice. */
  async function insisting<T>(step: () => Promise<T>): Promise<T> {
    for (const pause of PAUSES_MS) {
      try {
        return await step();
      } catch (error) {
        log.warn('a step of a slow answer is tried again', { error: (error as Error).name });
        await sleep(pause);
      }
    }
    return step();
  }

  async function run(delivery: Delivery, kind: string): Promise<Reply | null> {
    const handler = handlerFor(handlers, kind);
    if (handler === undefined || !isSlow(handler)) return null;
    try {
      const reply = asReply(await Promise.race([handler.slow(delivery), tooLate()]));
      if (reply !== null) checkReply(reply, delivery.type === 'event' ? 'event' : 'message');
      return reply;
    } catch (error) {
      log.error('a handler failed', { kind, error: (error as Error).name });
      return null;
    }
  }

  async function tooLate(): Promise<null> {
    await sleep(HANDLER_MS);
    return null;
  }

  async function deliver(delivery: Delivery, created: string, kind: string, reply: Reply): Promise<void> {
    const openid = delivery.from;
    if (await isSent(openid, kind, reply)) {
      const late = { openid, answers: created, sentAt: now(), reply, answered_by: `code:${kind}` };
      await insisting(() => record.lateAnswer(late));
    } else {
      await insisting(() => table.keepWaiting(openid, created, reply));
    }
  }

  /** False when WeChat refused it, or perhaps did not get it, or we have no token: said twice is better than never. */
  async function isSent(openid: string, kind: string, reply: Reply): Promise<boolean> {
    try {
      await sendCustomMessage(wechat, openid, asCustomMessage(reply), now() + SEND_MS);
      return true;
    } catch (error) {
      const why = error instanceof WeChatError ? { errcode: error.errcode } : { error: error as Error };
      log.warn('a slow answer waits for the next message', { kind, ...why });
      return false;
    }
  }
}

const asCustomMessage = ({ type, ...content }: Reply) => checkCustomMessage({ msgtype: type, [type]: content });
