import { log } from '../platform/log.ts';
import { metrics } from '../platform/metrics.ts';
import type { Sleep } from '../platform/retry.ts';
import { merged } from '../replies/merge.ts';
import type { InFlightTable, Lease } from '../tables/in-flight.ts';
import type { Recorder } from '../tables/interactions/record.ts';
import type { Place } from '../tables/slow-replies.ts';
import type { Reply } from '../wechat/callback/passive-reply.ts';
import {
  ATTEMPTS_OVER_MS,
  type Distance,
  HELD,
  isLast,
  type Outcome,
  PATIENCE_MS,
  type PendingReply,
  replied,
  type SlowReplyRequest,
} from './protocol.ts';
import { newTap, partWithLink, referenceOf, waitingReply } from './tap-link.ts';
import { keepWaiting, stopWaiting, type WaitingPorts } from './waiting.ts';

export type AttemptPorts = WaitingPorts &
  Distance & {
    readonly inFlight: InFlightTable;
    readonly record: Recorder;
    readonly sleep: Sleep;
    /** The waiting text, unless the handler has its own. */
    readonly waitingText: string;
  };

/** One attempt of WeChat's at a delivery of a slow handler; times in milliseconds. */
export type Attempt = SlowReplyRequest & {
  readonly answered_by: string;
  readonly waitingText: string | undefined;
  /** The times at which API Gateway received this attempt, and the first recorded one. */
  readonly receivedAt: number;
  readonly firstReceivedAt: number;
  /** The waiting reply that this delivery gets in any case. */
  readonly before: Reply | null;
};

const POLL_MS = 250;
/** The age at which a claim without a run is taken as abandoned: its process died before it invoked the function. */
const ABANDONED_MS = 3_000;

/** Handles an attempt: its reply, or held. The first attempt invokes `slow-replies`. */
export function slowAttempt(ports: AttemptPorts) {
  const { table, start, inFlight, record, now, sleep, distanceMs } = ports;

  return async (attempt: Attempt): Promise<Outcome> => {
    const place = { openid: attempt.delivery.from, reference: referenceOf(attempt.sortKey) };
    const isClaimed = await table.claim(place, claimOf(attempt));
    if (isClaimed) await request(place, attempt);
    const lease = isClaimed ? await enter(place) : 'of an earlier attempt';
    const outcome = await (lease === undefined ? replyWithLink(place, attempt) : waitFor(place, attempt));
    if (typeof lease === 'object' && outcome.kind !== 'held') await leave(lease);
    return outcome;
  };

  function claimOf({ answered_by, waitingText, delivery, sortKey, kind }: Attempt) {
    const text = waitingText === undefined ? {} : { waiting_text: waitingText };
    return { tap: newTap(), answered_by, ...text, request: { delivery, sortKey, kind } };
  }

  async function request(place: Place, { delivery, sortKey, kind }: Attempt): Promise<void> {
    try {
      await start({ delivery, sortKey, kind });
    } catch (error) {
      log.error('the slow-replies function could not be started', { kind, error: (error as Error).name });
      await table.release(place);
    }
  }

  /** A lease to hold this delivery's attempts; undefined if the limit of held deliveries is reached. */
  async function enter({ reference }: Place): Promise<Lease | undefined> {
    return inFlight.enter(reference, now() + ATTEMPTS_OVER_MS);
  }

  /** Releases a lease; if that fails, the lease expires. */
  async function leave(lease: Lease): Promise<void> {
    await inFlight.leave(lease).catch(() => undefined);
  }

  async function waitFor(place: Place, attempt: Attempt): Promise<Outcome> {
    const deadline = attempt.receivedAt + PATIENCE_MS - distanceMs;
    for (let isRequested = false; ; await sleep(Math.min(POLL_MS, deadline - now()))) {
      const pending = await table.read(place);
      if (pending === undefined) return unstarted(attempt);
      if (pending.parts !== undefined || pending.taken_by === 'message') return takeReply(place, attempt, pending);
      if (pending.linked_at !== undefined) return replied(linked(attempt, pending));
      if (!isRequested && isAbandoned(pending)) {
        isRequested = true;
        await request(place, attempt);
      }
      if (now() < deadline) continue;
      if (!isLast(attempt, { distanceMs })) return HELD;
      return pending.may_send ? replied(attempt.before) : replyWithLink(place, attempt);
    }
  }

  function isAbandoned({ claimed_at, started_at }: PendingReply): boolean {
    return started_at === undefined && now() - claimed_at > ABANDONED_MS;
  }

  /** Replies with the waiting text and a link, unless the reply has been stored meanwhile. */
  async function replyWithLink(place: Place, attempt: Attempt): Promise<Outcome> {
    const isLinked = await table.link(place);
    const pending = await table.read(place);
    if (pending === undefined) return unstarted(attempt);
    if (!isLinked && pending.linked_at === undefined) return takeReply(place, attempt, pending);
    const reply = linked(attempt, pending);
    await keepWaiting(table, place, { part: 0 });
    await recordReply(attempt, reply, 'waiting');
    return replied(reply);
  }

  function linked({ before }: Attempt, pending: PendingReply): Reply {
    const waiting = waitingReply(pending, pending.waiting_text ?? ports.waitingText);
    return merged(before, waiting) ?? before ?? waiting;
  }

  /**
   * Takes the reply for this attempt, unless it has been sent as a message. A reply that cannot be merged with the waiting
   * one is left to `slow-replies`, which sends it or leaves it waiting.
   */
  async function takeReply(place: Place, attempt: Attempt, pending: PendingReply): Promise<Outcome> {
    const { parts: [first] = [], may_send } = pending;
    const reply = may_send ? first : partWithLink(pending, 0);
    const both = merged(attempt.before, reply ?? null);
    if (first === undefined || reply === undefined || both === undefined || !(await table.takeByReply(place)))
      return replied(attempt.before);
    if (pending.linked_at !== undefined) await stopWaiting(table, place);
    if (reply !== first) await keepWaiting(table, place, { part: 1, is_linked: true });
    await recordReply(attempt, reply, 0);
    return replied(both);
  }

  async function recordReply(
    { delivery, sortKey, answered_by }: Attempt,
    reply: Reply,
    part: 0 | 'waiting',
  ): Promise<void> {
    await record.lateReply({ openid: delivery.from, answers: sortKey, sentAt: now(), reply, answered_by }, part);
  }

  /** No run was started: held, so that the next attempt invokes it again, or lost if this was the last. */
  function unstarted(attempt: Attempt): Outcome {
    if (!isLast(attempt, { distanceMs })) return HELD;
    const metric = metrics({ name: 'slow_replies_lost', value: 1, unit: 'Count' });
    const error = 'the slow-replies function was not started';
    log.error('a slow reply was lost', { kind: attempt.kind, error, ...metric });
    return replied(attempt.before);
  }
}
