/**
 * How a reply that takes longer than WeChat waits, or is longer than WeChat takes, reaches the follower. Two functions
 * share the table `pending`: the webhook, which WeChat asks three times for five seconds each, and `slow-replies`, which
 * runs the handler and may send messages.
 *
 *     claimed ──► started ──► stored ──► taken by a reply     one of WeChat's attempts picked it up
 *        │           │           ├─────► taken by a message   sent after the attempts were over
 *        │           │           └─────► waiting              for a tap, its word, or the next message
 *        │           └ killed: after 70 s another run may start, once
 *        └ never started: a later attempt asks anew
 *
 * - claimed: one attempt has asked `slow-replies` for it. A reply that is only long is claimed and stored at once.
 * - started: a run has taken it and calls the handler. `runs` counts them, at most two.
 * - stored: `parts` are there, none if the handler said nothing.
 * - linked: the follower was told that it takes longer, with a link (`weixin://bizmsgmenu?…`); no attempt comes after
 *   that. Linked is a mark beside the states: from claimed on a tap finds the item, and shows what there is.
 * - waiting: the item's place in the follower's list of what waits, an item of its own.
 *
 * A part may be tapped again for 24 hours and is the same each time. Whatever WeChat repeats is given the same reply.
 */

import type { Reply } from '../wechat/callback/passive-reply.ts';
import type { Delivery } from '../wechat/deliveries/delivery.ts';

/** What the webhook asks `functions/slow-replies` for: the reply to one delivery, or the rest of a long one. */
export type SlowReplyRequest = { readonly delivery: Delivery; readonly sortKey: string; readonly kind: string };

/** A slow or long reply on its way; times in milliseconds. */
export type PendingReply = {
  /** Where the item lies, with the openid: `referenceOf` the delivery's sort key. */
  readonly reference: string;
  readonly claimed_at: number;
  /** What makes its links unguessable. */
  readonly tap: string;
  /** What the follower reads while it is made. */
  readonly waiting_text?: string;
  readonly answered_by: string;
  /** What is asked again should the run have been killed. */
  readonly request?: SlowReplyRequest;
  readonly started_at?: number;
  readonly runs?: number;
  /** Whether the account may send messages, as far as `slow-replies` knew when it started; absent when it did not. */
  readonly may_send?: boolean;
  readonly parts?: readonly Reply[];
  readonly taken_by?: 'reply' | 'message';
  readonly linked_at?: number;
  /** The run that took it has seen to it: it was sent, or it waits. */
  readonly sent_at?: number;
};

/** What becomes of one attempt of WeChat's. `held`: it is to outlast WeChat's patience, so that it comes again. */
export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'silence' }
  | { readonly kind: 'held' };

export const HELD: Outcome = { kind: 'held' };

export const replied = (reply: Reply | null): Outcome =>
  reply === null ? { kind: 'silence' } : { kind: 'reply', reply };

/** WeChat's patience with one attempt; attempts come as far apart. */
export const PATIENCE_MS = 5_000;

/** WeChat's third attempt has been answered by then: 5 s, 5 s and 4.5 s after the claim, and something to spare. */
export const ATTEMPTS_OVER_MS = 16_000;

/** An attempt that comes so long after the first is the third: the second comes after 5 s, the third after 10 s. */
const LAST_AFTER_MS = 9_000;

/** A run has at most 60 s, so that one that began longer ago and stored nothing was killed. */
export const KILLED_AFTER_MS = 70_000;

export const MOST_RUNS = 2;

/** How long a link may be tapped. */
export const LINK_MS = 24 * 3_600_000;

/** The most bytes of a reply's text, in all its parts. What is longer is cut off, and the log says so. */
export const MOST_BYTES = 64 * 1024;

/** Of the parts after a reply as many go out as messages; WeChat's allowance of an act leaves one for a human. */
export const MOST_MESSAGES = 2;

/** How far WeChat is from us: an attempt is younger for us than for WeChat by as much. In milliseconds. */
export type Distance = { readonly distanceMs: number };

type Attempt = {
  readonly delivery: Pick<Delivery, 'createTime'>;
  /** When this attempt, and the first that was seen, reached API Gateway. */
  readonly receivedAt: number;
  readonly firstReceivedAt: number;
};

/**
 * Whether WeChat will not repeat this attempt: it comes 9 s or more after the first that was seen, or, should that not
 * have been WeChat's first, so long (and the distance) after its CreateTime, which is in whole seconds and may be
 * missing (0).
 */
export function isLast({ delivery, receivedAt, firstReceivedAt }: Attempt, { distanceMs }: Distance): boolean {
  const age = delivery.createTime === 0 ? 0 : receivedAt - delivery.createTime * 1_000;
  return receivedAt - firstReceivedAt >= LAST_AFTER_MS || age >= LAST_AFTER_MS + distanceMs;
}
