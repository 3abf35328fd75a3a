import { AppError, hasCode } from '../../lib/platform/error.ts';
import { HELD, isLast, type Outcome, replied } from '../../lib/slow-replies/protocol.ts';
import type { DeliveryRecord, Recorder, RecordResult } from '../../lib/tables/interactions/record.ts';
import { recordDelivery } from '../../lib/tables/interactions/record-delivery.ts';
import type { Arrival } from './arrival.ts';
import type { Decide, Decision } from './decide.ts';

export type ReplyPorts = {
  readonly record: Recorder;
  readonly decide: Decide;
  /** The one-way latency from WeChat, in milliseconds. */
  readonly distanceMs?: number;
  readonly now: () => number;
};

export type Replied = {
  readonly outcome: Outcome;
  readonly receivedAt: number;
  readonly verdict: 'recorded' | 'repeated';
  /** True for a slow handler or a held delivery, whose duration is no measure of the service. */
  readonly isSlow: boolean;
};

/** A delivery that is not in the table; `taken` is how it would have been recorded. */
export class NotRecorded extends AppError<'NOT_RECORDED'> {
  override readonly name = 'NotRecorded';
  readonly taken: DeliveryRecord;

  constructor(taken: DeliveryRecord, cause: unknown) {
    super('NOT_RECORDED', 'the delivery could not be recorded', { cause });
    this.taken = taken;
  }
}

export const isNotRecorded = (thrown: unknown): thrown is NotRecorded => hasCode(thrown, 'NOT_RECORDED');

/**
 * Decides, records, and only then replies. If the rules could not be read, the delivery is recorded undecided and held, so
 * that WeChat retries; the next attempt decides.
 * @throws NotRecorded when the write failed to the end
 * @throws Error if the delivery is recorded and its reply failed
 */
export async function replyTo(ports: ReplyPorts, arrived: Arrival): Promise<Replied> {
  const { afterwards = replyAsRecorded, ...decision } = await ports.decide(arrived.delivery, arrived);
  const taken = recordOf(arrived, decision, ports.now());
  const first = await recordDelivery(ports.record, arrived.delivery, taken).catch(notRecorded(taken));
  const decided: DecidedLater = first.isUndecided
    ? await decidedLater(ports, arrived, first, decision)
    : { ok: true, kept: first };
  const outcome = decided.ok ? await afterwards(decided.kept) : HELD;
  return {
    outcome,
    receivedAt: first.receivedAt,
    verdict: first.isRepeated ? 'repeated' : 'recorded',
    isSlow: decision.slow !== undefined || outcome.kind === 'held',
  };
}

const replyAsRecorded = async ({ reply }: RecordResult): Promise<Outcome> => replied(reply);

type DecidedLater =
  | { readonly ok: true; readonly kept: RecordResult }
  | { readonly ok: false; readonly code: 'UNDECIDED' };

/**
 * The reply to a delivery that is recorded undecided: the decision of an earlier attempt, else of this one. If this one
 * cannot decide either, the delivery is held, or not replied to if this is the last attempt.
 */
async function decidedLater(
  { record, now, distanceMs = 0 }: ReplyPorts,
  { delivery, sortKey, receivedAt }: Arrival,
  kept: RecordResult,
  { reply, isUndecided, answered_by }: Decision,
): Promise<DecidedLater> {
  const openid = delivery.from;
  const earlier = kept.isRepeated ? await record.laterReply(openid, sortKey) : undefined;
  if (earlier !== undefined) return { ok: true, kept: { ...kept, reply: earlier } };
  const { receivedAt: firstReceivedAt } = kept;
  if (isUndecided && !isLast({ delivery, receivedAt, firstReceivedAt }, { distanceMs }))
    return { ok: false, code: 'UNDECIDED' };
  if (isUndecided || reply === null) return { ok: true, kept: { ...kept, reply: null } };
  const by = answered_by === undefined ? {} : { answered_by };
  const given = await record.decidedLater({ openid, answers: sortKey, sentAt: now(), reply, ...by });
  return { ok: true, kept: { ...kept, reply: given } };
}

export const notRecorded =
  (taken: DeliveryRecord) =>
  (cause: unknown): never => {
    throw new NotRecorded(taken, cause);
  };

function recordOf({ sortKey, receivedAt, kind, start }: Arrival, decision: Decision, now: number): DeliveryRecord {
  const { reply, answered_by, slow, isUndecided } = decision;
  const taken = { sortKey, receivedAt, kind, reply };
  if (isUndecided) return { ...taken, reply: null, pending: true };
  if (answered_by === undefined) return taken;
  return { ...taken, answered_by, decided_in_ms: now - start, ...(slow && { pending: true }) };
}
