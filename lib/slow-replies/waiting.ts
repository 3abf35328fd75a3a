import { log } from '../platform/log.ts';
import { metrics } from '../platform/metrics.ts';
import { beginsWith, merged } from '../replies/merge.ts';
import type { Place, SlowRepliesTable } from '../tables/slow-replies.ts';
import type { Reply } from '../wechat/callback/passive-reply.ts';
import { KILLED_AFTER_MS, LINK_MS, MOST_RUNS, type PendingReply, type SlowReplyRequest } from './protocol.ts';
import { partWithLink, type Tap, waitingReply } from './tap-link.ts';
import {
  brought,
  givableTo,
  given,
  MOST_WAITING,
  takenBack,
  type WaitingPart,
  without,
  withWaiting,
} from './waiting-list.ts';

export type WaitingPorts = {
  readonly table: SlowRepliesTable;
  /** Invokes `functions/slow-replies` asynchronously; rejects if that fails. */
  readonly start: (request: SlowReplyRequest) => Promise<unknown>;
  readonly now: () => number;
};

/** The identification of the delivery that gets waiting parts. */
type Receiver = { readonly openid: string; readonly sortKey: string };

/** The reply to a tap or its word. */
export type Fetched = { readonly reply: Reply; readonly answered_by: string };

const EXPIRED = '这条回答已经过期，请再问一次。';
const EMPTY = '这次没有得到回答，请再问一次。';
const BY_TAP = 'tap';

/** The attempts to get waiting parts when concurrent deliveries get them first. */
const ROUNDS = 3;

type GivenPart = WaitingPart & { readonly hasNext: boolean };
type Part = GivenPart & { readonly reply: Reply };

/** Adds a part to the waiting list, for a tap, its word, or the next message. Of too many the oldest are dropped. */
export async function keepWaiting(
  table: SlowRepliesTable,
  { openid, reference }: Place,
  part: Pick<WaitingPart, 'part' | 'is_linked'>,
): Promise<void> {
  let dropped = 0;
  await table.changeWaiting(openid, (list) => {
    const changed = withWaiting(list, { reference, ...part });
    dropped = changed.dropped;
    return changed.list;
  });
  if (dropped === 0) return;
  const metric = metrics({ name: 'slow_replies_dropped', value: dropped, unit: 'Count' });
  log.error('waiting replies of a follower were dropped for newer ones', { at_most: MOST_WAITING, ...metric });
}

/** Removes a reply from the waiting list: it was sent as a message. */
export const stopWaiting = (table: SlowRepliesTable, { openid, reference }: Place): Promise<void> =>
  table.changeWaiting(openid, (list) => without(list, reference));

/** The waiting replies, fetched by a tap or its word, or brought by the next message. */
export function waitingReplies({ table, start, now }: WaitingPorts) {
  return {
    /** The reply to a tap; undefined for a word if nothing waits: then it is an ordinary message. */
    async fetch(tap: Tap, receiver: Receiver, waitingText: string): Promise<Fetched | undefined> {
      return tap.kind === 'link' ? tapped(tap, receiver, waitingText) : byWord(receiver, waitingText);
    },

    /** The waiting replies that can be merged with `own`, oldest first, merged; they are marked as this delivery's. */
    async give(receiver: Receiver, own: Reply | null, signal?: AbortSignal): Promise<Reply | undefined> {
      for (let round = 1; round <= ROUNDS; round++) {
        const parts = await partsFor(receiver, own, signal);
        if (parts.length === 0) return undefined;
        const isMarked = await markIfFree(receiver, parts, signal).catch((error) => {
          if (round === ROUNDS || signal?.aborted) throw error;
          return false; // If the write took effect after all, the next round finds them marked as this delivery's.
        });
        if (isMarked) return parts.map(({ reply }) => reply).reduce((one, other) => merged(one, other) ?? one);
      }
      return undefined;
    },

    /** Undoes `give` for a delivery that had been recorded with another reply: these parts were not sent. */
    async takeBack({ openid, sortKey }: Receiver, gift: Reply, recorded: Reply | null): Promise<void> {
      if (beginsWith(recorded, gift)) return;
      await table.changeWaiting(openid, (list) => takenBack(list, sortKey));
    },
  };

  async function tapped(tap: Tap & { kind: 'link' }, receiver: Receiver, waitingText: string): Promise<Fetched> {
    const pending = await table.read({ openid: receiver.openid, reference: tap.reference });
    const isTheirs = pending?.tap === tap.tap && now() - pending.claimed_at < LINK_MS;
    if (pending === undefined || !isTheirs) return { reply: text(EXPIRED), answered_by: BY_TAP };
    return partOf(pending, tap.part, receiver, waitingText);
  }

  async function byWord(receiver: Receiver, waitingText: string): Promise<Fetched | undefined> {
    for (const { reference, part } of givableTo(await table.readWaiting(receiver.openid), receiver.sortKey)) {
      const pending = await table.read({ openid: receiver.openid, reference });
      if (pending !== undefined) return partOf(pending, part, receiver, waitingText);
    }
    return undefined;
  }

  /** The reply with a part, or the waiting text if it is not ready. */
  async function partOf(
    pending: PendingReply,
    part: number,
    receiver: Receiver,
    waitingText: string,
  ): Promise<Fetched> {
    const { reference, parts, answered_by } = pending;
    if (parts === undefined) {
      await startAgain(pending);
      return { reply: waitingReply(pending, pending.waiting_text ?? waitingText), answered_by };
    }
    const reply = parts.length === 0 ? text(EMPTY) : (partWithLink(pending, part) ?? text(EXPIRED));
    await mark(receiver, [{ reference, part, hasNext: part + 1 < parts.length }]);
    return { reply, answered_by };
  }

  /** Invokes a killed run again, once. */
  async function startAgain({ started_at, claimed_at, runs = 0, request }: PendingReply): Promise<void> {
    if (now() - (started_at ?? claimed_at) <= KILLED_AFTER_MS || runs >= MOST_RUNS || request === undefined) return;
    await start(request).catch((error) =>
      log.warn('the slow-replies function could not be started', { error: (error as Error).name }),
    );
  }

  async function partsFor({ openid, sortKey }: Receiver, own: Reply | null, signal?: AbortSignal): Promise<Part[]> {
    const found: Part[] = [];
    let joined: Reply | null = null;
    for (const each of brought(givableTo(await table.readWaiting(openid, signal), sortKey))) {
      const pending = await table.read({ openid, reference: each.reference }, signal);
      if (pending !== undefined && pending.parts === undefined) await startAgain(pending);
      const reply = pending && partWithLink(pending, each.part);
      if (pending?.parts === undefined || reply === undefined) continue;
      const both: Reply | undefined = merged(joined, reply);
      if (both === undefined || merged(both, own) === undefined) break;
      joined = both;
      const hasNext = each.part + 1 < pending.parts.length;
      found.push({ ...each, reply, hasNext });
      if (hasNext) break;
    }
    return found;
  }

  /** Marks parts as given, also those given to others before: a tap may fetch them again. */
  function mark({ openid, sortKey }: Receiver, parts: readonly GivenPart[]): Promise<void> {
    return table.changeWaiting(openid, (list) => given(list, parts, sortKey, now()));
  }

  /** Marks parts as given; false if another delivery got one of them meanwhile. */
  async function markIfFree({ openid, sortKey }: Receiver, parts: readonly GivenPart[], signal?: AbortSignal) {
    let isFree = false;
    await table.changeWaiting(
      openid,
      (list) => {
        const places = givableTo(list, sortKey).map(({ reference, part }) => `${reference} ${part}`);
        isFree = parts.every(({ reference, part }) => places.includes(`${reference} ${part}`));
        return isFree ? given(list, parts, sortKey, now()) : list;
      },
      signal,
    );
    return isFree;
  }
}

const text = (content: string): Reply => ({ type: 'text', content });
