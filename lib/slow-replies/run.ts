import { randomUUID } from 'node:crypto';
import { log } from '../log.ts';
import { metrics } from '../metrics.ts';
import { asReply, type Handlers, handlerFor, isSlow, nameOf } from '../replies/handlers.ts';
import type { Recorder } from '../tables/interactions/record.ts';
import type { SlowRepliesTable } from '../tables/slow-replies.ts';
import type { WeChat } from '../wechat/client.ts';
import { checkCustomMessage, sendCustomMessage } from '../wechat/custom-message.ts';
import type { Delivery } from '../wechat/delivery.ts';
import { WeChatError } from '../wechat/error.ts';
import { checkReply, type Reply } from '../wechat/reply.ts';
import type { SlowReplyRequest } from './request.ts';

type Ports = {
  readonly handlers: Handlers;
  readonly table: SlowRepliesTable;
  readonly record: Recorder;
  readonly wechat: WeChat;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
};

/** Of the function's 60 s: until when a handler may speak, and until when a step is tried again, so that all ends by 58. */
const HANDLER_MS = 45_000;
const TRIES_MS = 54_000;

/** Pauses before a step that failed is tried again. */
const PAUSES_MS = [500, 2_000, 4_000] as const;

/** WeChat's third attempt has been answered by then: 5 s, 5 s and 4.5 s after the claim, and something to spare. */
const ATTEMPTS_OVER_MS = 16_000;

/**
 * Runs a slow handler, once for a delivery however often it is asked. WeChat's attempts pick the answer up; what they did
 * not pick up is sent as a customer-service message, or waits for the follower's next message. Never throws.
 */
export function slowReplyRun({ handlers, table, record, wechat, now, sleep }: Ports) {
  return async ({ delivery, created, kind }: SlowReplyRequest): Promise<void> => {
    const key = `${delivery.from}#${created}`;
    const thisRun = randomUUID();
    const start = now();
    const end = start + TRIES_MS;
    try {
      if (!(await insisting(end, () => table.start(key, thisRun)))) return;
      const claimedAt = (await insisting(end, () => table.read(key)))?.claimed_at ?? now();
      const said = await run(delivery, kind, start + HANDLER_MS);
      await insisting(end, () => table.store(key, said));
      if (said === null) return;
      await sleep(claimedAt + ATTEMPTS_OVER_MS - now());
      if (await insisting(end, () => table.take(key, 'message'))) await deliver(delivery, created, said, { kind, end });
    } catch (error) {
      const metric = metrics({ name: 'slow_replies_lost', value: 1, unit: 'Count' });
      log.error('a slow reply was lost', { kind, error: (error as Error).name, ...metric });
    }
  };

  /** Every step may be done twice. */
  async function insisting<T>(end: number, step: () => Promise<T>): Promise<T> {
    for (const pause of PAUSES_MS) {
      try {
        return await step();
      } catch (error) {
        if (now() + pause >= end) throw error;
        log.warn('a step of a slow reply is tried again', { error: (error as Error).name });
        await sleep(pause);
      }
    }
    return step();
  }

  async function run(delivery: Delivery, kind: string, end: number): Promise<Reply | null> {
    const handler = handlerFor(handlers, kind);
    if (handler === undefined || !isSlow(handler)) return null;
    try {
      const reply = asReply(await Promise.race([handler.slow(delivery), tooLate(end)]));
      if (reply !== null) checkReply(reply, delivery.type === 'event' ? 'event' : 'message');
      return reply;
    } catch (error) {
      log.error('a handler failed', { kind, error: nameOf(error) });
      return null;
    }
  }

  async function tooLate(end: number): Promise<never> {
    await sleep(end - now());
    throw new TooLate();
  }

  async function deliver({ from: openid }: Delivery, created: string, reply: Reply, { kind, end }: Bounds) {
    if (await isSent(openid, reply, { kind, end })) {
      const late = { openid, answers: created, sentAt: now(), reply, answered_by: `code:${kind}` };
      await insisting(end, () => record.lateAnswer(late));
    } else {
      await insisting(end, () => table.keepWaiting(openid, [{ id: created, answer: reply }]));
    }
  }

  /** False when WeChat refused it, or perhaps did not get it, or we have no token: said twice is better than never. */
  async function isSent(openid: string, reply: Reply, { kind, end }: Bounds): Promise<boolean> {
    try {
      await sendCustomMessage(wechat, openid, asCustomMessage(reply), end);
      return true;
    } catch (error) {
      const why = error instanceof WeChatError ? { errcode: error.errcode } : { error: error as Error };
      log.warn('a slow reply waits for the next message', { kind, ...why });
      return false;
    }
  }
}

type Bounds = { readonly kind: string; readonly end: number };

class TooLate extends Error {
  override readonly name = 'TooLate: a slow handler has 45 s';
}

const asCustomMessage = ({ type, ...content }: Reply) => checkCustomMessage({ msgtype: type, [type]: content });
