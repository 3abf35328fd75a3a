import { log } from '../log.ts';
import { metrics } from '../metrics.ts';
import { together } from '../replies/joined.ts';
import type { Recorder } from '../tables/interactions/record.ts';
import type { PendingReply, SlowRepliesTable, WaitingReply } from '../tables/slow-replies.ts';
import type { Delivery } from '../wechat/delivery.ts';
import type { Reply } from '../wechat/reply.ts';
import type { SlowReplyRequest } from './request.ts';

type Ports = {
  readonly table: SlowRepliesTable;
  /** Starts `functions/slow-replies` and returns; rejects when it could not be started. */
  readonly ask: (request: SlowReplyRequest) => Promise<unknown>;
  readonly record: Recorder;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
};

/** One attempt of WeChat's to deliver something that a slow handler answers. */
export type Attempt = SlowReplyRequest & {
  readonly answered_by: string;
  /** When the attempt began, in milliseconds. */
  readonly start: number;
  /** When the first attempt reached us. */
  readonly firstReceivedAt: number;
  /** What the delivery is answered with in any case: what waited for this follower. */
  readonly before: Reply | null;
};

/** The attempt is to outlast WeChat's patience, so that it comes again. */
export const HOLD = Symbol('hold');

/** WeChat hangs up after 5 s. */
const ANSWER_WITHIN_MS = 4_500;
/** Attempts come about 5 s apart: one that begins later than this after the first is the last. */
const LAST_ATTEMPT_AFTER_MS = 9_000;
const POLL_MS = 250;
/** A claim this old that nobody works on lost its process before the function was asked. */
const ABANDONED_MS = 3_000;

export type SlowReplies = ReturnType<typeof slowReplies>;

/** The webhook's side of slow replies; only there when a slow handler is registered. */
export function slowReplies({ table, ask, record, now, sleep }: Ports) {
  return {
    /** What could not be sent to the follower earlier. Only a message is answered with it. */
    async waitingFor(delivery: Delivery, created: string): Promise<readonly WaitingReply[]> {
      if (delivery.type === 'event' || delivery.type === 'unknown') return [];
      return table.giveWaiting(delivery.from, `${delivery.from}#${created}`);
    },

    /** What one passive reply had no room for goes to the next message, in its order. */
    async keepWaiting(openid: string, rest: readonly WaitingReply[]): Promise<void> {
      if (rest.length > 0) await table.keepWaiting(openid, rest);
    },

    /** The reply for this attempt, null for `success`, or `HOLD`. Has the answer made if nobody has yet. */
    async during(attempt: Attempt): Promise<Reply | null | typeof HOLD> {
      const key = `${attempt.delivery.from}#${attempt.created}`;
      if (await table.claim(key)) await request(key, attempt);
      const deadline = attempt.start + ANSWER_WITHIN_MS;
      for (let asked = false; ; await sleep(Math.min(POLL_MS, deadline - now()))) {
        const pending = await table.read(key);
        if (pending === undefined) return unasked(attempt);
        if (isSettled(pending)) return given(key, attempt, pending);
        if (!asked && isAbandoned(pending)) {
          asked = true;
          await request(key, attempt);
        }
        if (now() >= deadline) return isLast(attempt) ? attempt.before : HOLD;
      }
    },
  };

  async function request(key: string, { delivery, created, kind }: Attempt): Promise<void> {
    try {
      await ask({ delivery, created, kind });
    } catch (error) {
      log.error('the slow-replies function could not be asked', { kind, error: (error as Error).name });
      await table.release(key);
    }
  }

  function isAbandoned({ claimed_at, started_at }: PendingReply): boolean {
    return started_at === undefined && now() - claimed_at > ABANDONED_MS;
  }

  /**
   * The answer, taken for this way; what has gone out as a message is not said again. If it does not go together with
   * what waited, it waits itself.
   */
  async function given(key: string, { delivery, created, answered_by, before }: Attempt, { answer }: PendingReply) {
    if (!answer || !(await table.take(key, 'reply'))) return before;
    const openid = delivery.from;
    const reply = together(before, answer);
    if (reply === undefined) await table.keepWaiting(openid, [{ id: created, answer }]);
    else await record.lateAnswer({ openid, answers: created, sentAt: now(), reply: answer, answered_by });
    return reply ?? before;
  }
}

/** Nobody makes the answer: the next attempt is to ask anew, if there is one. */
function unasked(attempt: Attempt): Reply | null | typeof HOLD {
  if (!isLast(attempt)) return HOLD;
  const metric = metrics({ name: 'slow_replies_lost', value: 1, unit: 'Count' });
  log.error('a slow reply was lost', {
    kind: attempt.kind,
    error: 'the slow-replies function was not asked',
    ...metric,
  });
  return attempt.before;
}

const isSettled = ({ answer, taken_by }: PendingReply): boolean => answer !== undefined || taken_by === 'message';

/** Whether WeChat will not repeat the delivery after this attempt. */
export const isLast = ({ start, firstReceivedAt }: Pick<Attempt, 'start' | 'firstReceivedAt'>): boolean =>
  start - firstReceivedAt >= LAST_ATTEMPT_AFTER_MS;
