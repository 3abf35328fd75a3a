import { log } from '../platform/log.ts';
import { metrics } from '../platform/metrics.ts';
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
    readonly sleep: (ms: number) => Promise<unknown>;
    /** What the follower is told unless the handler has a text of its own. */
    readonly waitingText: string;
  };

/** One attempt of WeChat's to deliver something that a slow handler answers; times in milliseconds. */
export type Attempt = SlowReplyRequest & {
  readonly answered_by: string;
  readonly waitingText: string | undefined;
  /** When this attempt, and the first that was seen, reached API Gateway. */
  readonly receivedAt: number;
  readonly firstReceivedAt: number;
  /** What the delivery is answered with in any case: what waited for this follower. */
  readonly before: Reply | null;
};

const POLL_MS = 250;
/** A claim this old that nobody works on lost its process before the function was started. */
const ABANDONED_MS = 3_000;

/** The reply for an attempt, or that it is held. Has the reply made if nobody has yet. */
export function slowAttempt(ports: AttemptPorts) {
  const { table, start, inFlight, record, now, sleep, distanceMs } = ports;

  return async (attempt: Attempt): Promise<Outcome> => {
    const place = { openid: attempt.delivery.from, reference: referenceOf(attempt.sortKey) };
    const isClaimed = await table.claim(place, claimOf(attempt));
    if (isClaimed) await request(place, attempt);
    const lease = isClaimed ? await enter(place) : 'of an earlier attempt';
    const outcome = await (lease === undefined ? told(place, attempt) : waitFor(place, attempt));
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

  /** The right to hold this delivery's attempts; undefined when as many are held as may be. */
  async function enter({ reference }: Place): Promise<Lease | undefined> {
    return inFlight.enter(reference, now() + ATTEMPTS_OVER_MS);
  }

  /** It ends by itself. */
  async function leave(lease: Lease): Promise<void> {
    await inFlight.leave(lease).catch(() => undefined);
  }

  async function waitFor(place: Place, attempt: Attempt): Promise<Outcome> {
    const deadline = attempt.receivedAt + PATIENCE_MS - distanceMs;
    for (let isAsked = false; ; await sleep(Math.min(POLL_MS, deadline - now()))) {
      const pending = await table.read(place);
      if (pending === undefined) return unstarted(attempt);
      if (pending.parts !== undefined || pending.taken_by === 'message') return given(place, attempt, pending);
      if (pending.linked_at !== undefined) return replied(linked(attempt, pending));
      if (!isAsked && isAbandoned(pending)) {
        isAsked = true;
        await request(place, attempt);
      }
      if (now() < deadline) continue;
      if (!isLast(attempt, { distanceMs })) return HELD;
      return pending.may_send ? replied(attempt.before) : told(place, attempt);
    }
  }

  function isAbandoned({ claimed_at, started_at }: PendingReply): boolean {
    return started_at === undefined && now() - claimed_at > ABANDONED_MS;
  }

  /** Tells the follower that it takes longer, unless the reply has come meanwhile. */
  async function told(place: Place, attempt: Attempt): Promise<Outcome> {
    const isLinked = await table.link(place);
    const pending = await table.read(place);
    if (pending === undefined) return unstarted(attempt);
    if (!isLinked && pending.linked_at === undefined) return given(place, attempt, pending);
    const reply = linked(attempt, pending);
    await keepWaiting(table, place, { part: 0 });
    await keep(attempt, reply, 'waiting');
    return replied(reply);
  }

  function linked({ before }: Attempt, pending: PendingReply): Reply {
    const waiting = waitingReply(pending, pending.waiting_text ?? ports.waitingText);
    return merged(before, waiting) ?? before ?? waiting;
  }

  /**
   * The reply, taken for this way; what has gone out as a message is not said again. What does not go together with what
   * waited is left to `slow-replies`, which sends it or lets it wait.
   */
  async function given(place: Place, attempt: Attempt, pending: PendingReply): Promise<Outcome> {
    const { parts: [first] = [], may_send } = pending;
    const reply = may_send ? first : partWithLink(pending, 0);
    const both = merged(attempt.before, reply ?? null);
    if (first === undefined || reply === undefined || both === undefined || !(await table.takeByReply(place)))
      return replied(attempt.before);
    if (pending.linked_at !== undefined) await stopWaiting(table, place);
    if (reply !== first) await keepWaiting(table, place, { part: 1, is_linked: true });
    await keep(attempt, reply, 0);
    return replied(both);
  }

  async function keep({ delivery, sortKey, answered_by }: Attempt, reply: Reply, part: 0 | 'waiting'): Promise<void> {
    await record.lateReply({ openid: delivery.from, answers: sortKey, sentAt: now(), reply, answered_by }, part);
  }

  /** Nobody makes the reply: the next attempt is to ask anew, if there is one. */
  function unstarted(attempt: Attempt): Outcome {
    if (!isLast(attempt, { distanceMs })) return HELD;
    const metric = metrics({ name: 'slow_replies_lost', value: 1, unit: 'Count' });
    const error = 'the slow-replies function was not started';
    log.error('a slow reply was lost', { kind: attempt.kind, error, ...metric });
    return replied(attempt.before);
  }
}
