/**
 * The protocol of replies that take longer than WeChat waits, or are longer than WeChat's limit. Two functions share the
 * table `pending`: the webhook, which WeChat calls three times for five seconds each, and `slow-replies`, which runs the
 * handler and may send messages.
 *
 *     claimed ──► started ──► stored ──► taken by a reply     one of WeChat's attempts picked it up
 *        │           │           ├─────► taken by a message   sent after the attempts were over
 *        │           │           └─────► waiting              for a tap, its word, or the next message
 *        │           └ killed: after 70 s another run may start, once
 *        └ never started: a later attempt invokes it again
 *
 * - claimed: one attempt has invoked `slow-replies`. A reply that is only long is claimed and stored at once.
 * - started: a run has taken it and calls the handler. `runs` counts them, at most two.
 * - stored: `parts` are there, empty if the handler returned nothing.
 * - linked: the reply to the last attempt had the waiting text and a link (`weixin://bizmsgmenu?…`). Linked is a mark
 *   beside the states: from claimed on, a tap finds the item and is replied to with what is stored.
 * - waiting: the reply is in the follower's list of waiting parts, which is a separate item.
 *
 * A part may be tapped again for 24 hours and is the same each time. Repetitions of a delivery get the same reply.
 */

import type { Reply } from '../wechat/callback/passive-reply.ts';
import type { Delivery } from '../wechat/deliveries/delivery.ts';

/** The input of `functions/slow-replies`: make the reply to one delivery, or send the rest of a long one. */
export type SlowReplyRequest = { readonly delivery: Delivery; readonly sortKey: string; readonly kind: string };

/** A slow or long reply on its way; times in milliseconds. */
export type PendingReply = {
  /** Part of the item's key, with the openid: `referenceOf` the delivery's sort key. */
  readonly reference: string;
  readonly claimed_at: number;
  /** Random characters that make its links unguessable. */
  readonly tap: string;
  /** The text that the follower reads until it is ready. */
  readonly waiting_text?: string;
  readonly answered_by: string;
  /** The request, to invoke again if the run was killed. */
  readonly request?: SlowReplyRequest;
  readonly started_at?: number;
  readonly runs?: number;
  /** True if the account may send messages, as known at the start of the run; absent if unknown. */
  readonly may_send?: boolean;
  readonly parts?: readonly Reply[];
  readonly taken_by?: 'reply' | 'message';
  readonly linked_at?: number;
  /** Set when the run that took it has sent it or left it waiting. */
  readonly sent_at?: number;
};

/** The outcome of one attempt of WeChat's. `held`: respond after WeChat's time limit, so that WeChat retries. */
export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'silence' }
  | { readonly kind: 'held' };

export const HELD: Outcome = { kind: 'held' };

export const replied = (reply: Reply | null): Outcome =>
  reply === null ? { kind: 'silence' } : { kind: 'reply', reply };

/** WeChat's time limit for one attempt, and the interval of attempts. */
export const PATIENCE_MS = 5_000;

/** The time after a claim when WeChat's third attempt is over: 5 s + 5 s + 4.5 s and a margin. */
export const ATTEMPTS_OVER_MS = 16_000;

/** The least time from the first attempt to the third: the second comes after 5 s, the third after 10 s. */
const LAST_AFTER_MS = 9_000;

/** A run has at most 60 s, so that one that began longer ago and stored nothing was killed. */
export const KILLED_AFTER_MS = 70_000;

export const MOST_RUNS = 2;

/** The lifetime of a link. */
export const LINK_MS = 24 * 3_600_000;

/** The most bytes of a reply's text, in all its parts. A longer text is cut off and logged. */
export const MOST_BYTES = 64 * 1024;

/** The most parts sent as messages; of the messages that WeChat allows after a tap or text this leaves one for an operator. */
export const MOST_MESSAGES = 2;

/** The one-way latency from WeChat in milliseconds: an attempt is older for WeChat than for us by as much. */
export type Distance = { readonly distanceMs: number };

type Attempt = {
  readonly delivery: Pick<Delivery, 'createTime'>;
  /** The times at which API Gateway received this attempt, and the first recorded one. */
  readonly receivedAt: number;
  readonly firstReceivedAt: number;
};

/**
 * True for WeChat's last attempt: it comes 9 s or more after the first recorded one, or, should that not
 * have been WeChat's first, so long (and the distance) after its CreateTime, which is in whole seconds and may be
 * missing (0).
 */
export function isLast({ delivery, receivedAt, firstReceivedAt }: Attempt, { distanceMs }: Distance): boolean {
  const age = delivery.createTime === 0 ? 0 : receivedAt - delivery.createTime * 1_000;
  return receivedAt - firstReceivedAt >= LAST_AFTER_MS || age >= LAST_AFTER_MS + distanceMs;
}
