import { log } from '../../lib/log.ts';
import type { AnswerRequest } from '../../lib/replies/answer-request.ts';
import { joined } from '../../lib/replies/joined.ts';
import type { AnswersTable, PendingAnswer } from '../../lib/tables/answers.ts';
import type { Recorder } from '../../lib/tables/interactions/record.ts';
import type { Delivery } from '../../lib/wechat/delivery.ts';
import type { Reply } from '../../lib/wechat/reply.ts';

type Ports = {
  readonly table: AnswersTable;
  /** Starts `functions/answers` and returns; rejects when it could not be started. */
  readonly ask: (request: AnswerRequest) => Promise<unknown>;
  readonly record: Recorder;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
};

/** One attempt of WeChat's to deliver something that a slow handler answers. */
export type Attempt = AnswerRequest & {
  readonly answered_by: string;
  /** When the attempt began, in milliseconds. */
  readonly start: number;
  /** What waited for this follower. */
  readonly waiting: readonly Reply[];
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

export type SlowAnswers = ReturnType<typeof slowAnswers>;

/** The webhook's side of slow answers; only there when a slow handler is registered. */
export function slowAnswers({ table, ask, record, now, sleep }: Ports) {
  return {
    /** What could not be sent to the follower earlier. Only a message is answered with it. */
    async waitingFor(delivery: Delivery, created: string): Promise<readonly Reply[]> {
      if (delivery.type === 'event' || delivery.type === 'unknown') return [];
      const waiting = await table.giveWaiting(delivery.from, `${delivery.from}#${created}`);
      return waiting.map(({ answer }) => answer);
    },

    keepWaiting,

    /** The reply for this attempt, null for `success`, or `HOLD`. Has the answer made if nobody has yet. */
    async during(attempt: Attempt): Promise<Reply | null | typeof HOLD> {
      const key = `${attempt.delivery.from}#${attempt.created}`;
      if (await table.claim(key)) await request(key, attempt);
      const deadline = attempt.start + ANSWER_WITHIN_MS;
      for (let asked = false; ; await sleep(Math.min(POLL_MS, deadline - now()))) {
        const pending = await table.read(key);
        if (pending === undefined) return HOLD;
        if (isSettled(pending)) return given(key, attempt, pending);
        if (!asked && isAbandoned(pending)) {
          asked = true;
          await request(key, attempt);
        }
        if (now() >= deadline) return isLast(attempt, pending) ? joined(attempt.waiting).reply : HOLD;
      }
    },
  };

  async function request(key: string, { delivery, created, kind }: Attempt): Promise<void> {
    try {
      await ask({ delivery, created, kind });
    } catch (error) {
      log.error('the answers function could not be asked', { kind, error: (error as Error).name });
      await table.release(key);
    }
  }

  function isAbandoned({ claimed_at, started_at }: PendingAnswer): boolean {
    return started_at === undefined && now() - claimed_at > ABANDONED_MS;
  }

  /** The answer, taken for this way; what has gone out as a message is not said again. */
  async function given(key: string, { delivery, created, answered_by, waiting }: Attempt, { answer }: PendingAnswer) {
    const before = joined(waiting).reply;
    if (!answer || !(await table.take(key, 'reply'))) return before;
    const { reply, rest } = joined([...waiting, answer]);
    const isFirst = await record.lateAnswer({
      openid: delivery.from,
      answers: created,
      sentAt: now(),
      reply: answer,
      answered_by,
    });
    if (isFirst) await keepWaiting(delivery.from, created, rest);
    return reply;
  }

  /** What one passive reply had no room for goes to the next message, in its order. */
  async function keepWaiting(openid: string, created: string, rest: readonly Reply[]): Promise<void> {
    for (const [at, reply] of rest.entries()) await table.keepWaiting(openid, `${created}~${at}`, reply);
  }
}

const isSettled = ({ answer, taken_by }: PendingAnswer): boolean => answer !== undefined || taken_by === 'message';

const isLast = ({ start }: Attempt, { claimed_at }: PendingAnswer): boolean =>
  start - claimed_at >= LAST_ATTEMPT_AFTER_MS;
