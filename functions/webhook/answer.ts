import { HELD, isLast, type Outcome, replied } from '../../lib/slow-replies/protocol.ts';
import type { Kept, Recorder, Taken } from '../../lib/tables/interactions/record.ts';
import { recordDelivery } from '../../lib/tables/interactions/record-delivery.ts';
import type { Delivery } from '../../lib/wechat/delivery.ts';
import type { Decide, Decision } from './decide.ts';

export type AnswerPorts = {
  readonly record: Recorder;
  readonly decide: Decide;
  /** How far WeChat is from us, in milliseconds. */
  readonly distanceMs?: number;
  readonly now: () => number;
};

/** A delivery that has been proven, opened and read; times in milliseconds. */
export type Arrived = {
  readonly delivery: Delivery;
  readonly created: string;
  readonly kind: string;
  readonly start: number;
  /** When it reached API Gateway. */
  readonly receivedAt: number;
};

export type Answered = {
  readonly outcome: Outcome;
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
 * Decides, records, and only then replies. A delivery for which the rules could not be read is recorded undecided and
 * held, so that WeChat repeats it; the repetition decides anew.
 * @throws NotRecorded when the write failed to the end
 * @throws Error when the delivery is recorded and its answer failed
 */
export async function answerTo(ports: AnswerPorts, arrived: Arrived): Promise<Answered> {
  const { afterwards = replyAsRecorded, ...decision } = await ports.decide(arrived.delivery, arrived);
  const taken = takenOf(arrived, decision, ports.now());
  const first = await recordDelivery(ports.record, arrived.delivery, taken).catch(notRecorded(taken));
  const kept = first.isUndecided ? await decidedLater(ports, arrived, first, decision) : first;
  const outcome = kept === 'held' ? HELD : await afterwards(kept);
  return {
    outcome,
    receivedAt: first.receivedAt,
    verdict: first.isRepeated ? 'repeated' : 'recorded',
    isSlow: decision.slow !== undefined || outcome.kind === 'held',
  };
}

const replyAsRecorded = async ({ reply }: Kept): Promise<Outcome> => replied(reply);

/**
 * The reply to a delivery that is recorded undecided: what a repetition has decided before, else what this one decides.
 * It is held if this one cannot decide either, and nothing is said if WeChat will not repeat it any more.
 */
async function decidedLater(
  { record, now, distanceMs = 0 }: AnswerPorts,
  { delivery, created, receivedAt }: Arrived,
  kept: Kept,
  { reply, isUndecided, answered_by }: Decision,
): Promise<Kept | 'held'> {
  const openid = delivery.from;
  const earlier = kept.isRepeated ? await record.laterReply(openid, created) : undefined;
  if (earlier !== undefined) return { ...kept, reply: earlier };
  const { receivedAt: firstReceivedAt } = kept;
  if (isUndecided && !isLast({ delivery, receivedAt, firstReceivedAt }, { distanceMs })) return 'held';
  if (isUndecided || reply === null) return { ...kept, reply: null };
  const by = answered_by === undefined ? {} : { answered_by };
  return { ...kept, reply: await record.decidedLater({ openid, answers: created, sentAt: now(), reply, ...by }) };
}

export const notRecorded =
  (taken: Taken) =>
  (cause: unknown): never => {
    throw new NotRecorded(taken, cause);
  };

function takenOf({ created, receivedAt, kind, start }: Arrived, decision: Decision, now: number): Taken {
  const { reply, answered_by, slow, isUndecided } = decision;
  const taken = { created, receivedAt, kind, reply };
  if (isUndecided) return { ...taken, reply: null, pending: true };
  if (answered_by === undefined) return taken;
  return { ...taken, answered_by, decided_in_ms: now - start, ...(slow && { pending: true }) };
}
