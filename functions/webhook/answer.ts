import { isDeepStrictEqual } from 'node:util';
import { joined, unsaid } from '../../lib/replies/joined.ts';
import { HOLD, isLast, type SlowReplies } from '../../lib/slow-replies/attempt.ts';
import type { Kept, Recorder, Taken } from '../../lib/tables/interactions/record.ts';
import { recordDelivery } from '../../lib/tables/interactions/record-delivery.ts';
import type { Delivery } from '../../lib/wechat/delivery.ts';
import type { Reply } from '../../lib/wechat/reply.ts';
import type { Decide, Decision } from './decide.ts';

export type AnswerPorts = {
  readonly record: Recorder;
  readonly decide: Decide;
  /** Absent when no handler is slow: then a message costs one write and no read. */
  readonly slow?: SlowReplies | undefined;
  readonly now: () => number;
};

/** A delivery that has been proven, opened and read; times in milliseconds. */
type Arrived = {
  readonly delivery: Delivery;
  readonly created: string;
  readonly kind: string;
  readonly start: number;
  readonly receivedAt: number;
};

type Answered = {
  readonly reply: Reply | null | typeof HOLD;
  readonly receivedAt: number;
  readonly verdict: 'recorded' | 'repeated';
  /** The answer is waited for on purpose: how long it took says nothing of the service. */
  readonly isSlow: boolean;
};

/** A delivery that is not in the table; `taken` is how it would have been recorded. */
export class NotRecorded extends Error {
  override readonly name = 'NotRecorded';
  readonly taken: Taken;

  constructor(taken: Taken, cause: unknown) {
    super('the delivery could not be recorded', { cause });
    this.taken = taken;
  }
}

/**
 * Decides, records, and only then answers. A delivery for which the rules could not be read is recorded undecided and
 * held, so that WeChat repeats it; the repetition decides anew.
 * @throws NotRecorded when the write failed to the end, or what comes before it did
 * @throws Error when the delivery is recorded and its answer failed
 */
export async function answerTo({ record, decide, slow, now }: AnswerPorts, arrived: Arrived): Promise<Answered> {
  const { delivery, created, kind, start, receivedAt } = arrived;
  const waiting = slow
    ? await slow.waitingFor(delivery, created).catch(notRecorded({ created, receivedAt, kind, reply: null }))
    : [];
  const decision = await decide(delivery);
  const isSlow = decision.isSlow === true;
  const own = decision.reply && !isSlow ? [{ id: created, answer: decision.reply }] : [];
  const { reply, rest } = decision.isUndecided ? { reply: null, rest: waiting } : joined([...waiting, ...own]);
  const taken = { created, receivedAt, kind, reply, ...recordOf(decision, now() - start) };
  const kept: Kept = await recordDelivery(record, delivery, taken).catch(notRecorded(taken));
  const verdict = kept.isRepeated ? 'repeated' : 'recorded';
  const said = kept.isUndecided ? await replyLater({ record, now }, arrived, kept, { ...decision, reply }) : kept.reply;
  if (said === HOLD) {
    await slow?.keepWaiting(delivery.from, waiting);
    return { reply: HOLD, receivedAt: kept.receivedAt, verdict, isSlow: true };
  }
  await slow?.keepWaiting(delivery.from, isDeepStrictEqual(said, reply) ? rest : unsaid(waiting, said));
  if (!slow || !isSlow) return { reply: said, receivedAt: kept.receivedAt, verdict, isSlow };
  const { answered_by = kind } = decision;
  const { receivedAt: firstReceivedAt } = kept;
  const late = await slow.during({ delivery, created, kind, answered_by, start, firstReceivedAt, before: said });
  return { reply: late, receivedAt: firstReceivedAt, verdict, isSlow };
}

/**
 * The reply to a delivery that is recorded undecided: what a repetition has decided before, else what this one decides.
 * `HOLD` if it cannot decide either, and null (nothing is said) if WeChat will not repeat it any more.
 */
async function replyLater(
  { record, now }: Pick<AnswerPorts, 'record' | 'now'>,
  { delivery, created, start }: Arrived,
  { isRepeated, receivedAt: firstReceivedAt }: Kept,
  { reply, isUndecided, answered_by }: Decision,
): Promise<Reply | null | typeof HOLD> {
  const openid = delivery.from;
  const earlier = isRepeated ? await record.laterReply(openid, created) : undefined;
  if (earlier !== undefined) return earlier;
  if (isUndecided) return isLast({ start, firstReceivedAt }) ? null : HOLD;
  if (reply === null) return null;
  return record.decidedLater({ openid, answers: created, sentAt: now(), reply, ...(answered_by && { answered_by }) });
}

export const notRecorded =
  (taken: Taken) =>
  (cause: unknown): never => {
    throw new NotRecorded(taken, cause);
  };

function recordOf({ answered_by, isSlow, isUndecided }: Decision, tookMs: number): Partial<Taken> {
  if (isUndecided) return { pending: true };
  if (answered_by === undefined) return {};
  return { answered_by, decided_in_ms: tookMs, ...(isSlow && { pending: true }) };
}
