import { createHash, randomBytes } from 'node:crypto';
import { MAX_TEXT_BYTES, type Reply } from '../wechat/callback/passive-reply.ts';
import type { Delivery } from '../wechat/deliveries/delivery.ts';
import type { PendingReply } from './protocol.ts';

/** The text that a tap sends as the follower. Typing it has the same effect: test accounts deliver taps without an id. */
const WORDS = { reply: '看回答', next: '继续看' } as const;
const REFERENCE_BYTES = 12;
const TAP_BYTES = 16;
const ID = /^reply-([\w-]{16})([\w-]{22})-(\d{1,3})$/;

/** The longest link, with the line break before it. */
const LINK_BYTES = 136;

/** The most bytes of a part, with room for a link after it. */
export const PART_BYTES = MAX_TEXT_BYTES - LINK_BYTES;

type Linked = Pick<PendingReply, 'reference' | 'tap'>;

/** A follower's tap on a link of ours, or its word typed. */
export type Tap = (Linked & { readonly kind: 'link'; readonly part: number }) | { readonly kind: 'word' };

/** The reference of a delivery in a link: a digest of its sort key, 16 characters. */
export const referenceOf = (sortKey: string): string =>
  createHash('sha256').update(sortKey).digest().subarray(0, REFERENCE_BYTES).toString('base64url');

/** 128 random bits, 22 characters. */
export const newTap = (): string => randomBytes(TAP_BYTES).toString('base64url');

/** The tap in a delivery, if it is one. Without I/O: other messages cost a comparison. */
export function tapIn(delivery: Delivery): Tap | undefined {
  if (delivery.type !== 'text') return undefined;
  const [, reference, tap, part] = ID.exec(delivery.bizmsgmenuid ?? '') ?? [];
  if (reference !== undefined && tap !== undefined) return { kind: 'link', reference, tap, part: Number(part) };
  const word = delivery.content.trim();
  return word === WORDS.reply || word === WORDS.next ? { kind: 'word' } : undefined;
}

/** The link by which a follower fetches a part of a reply. */
export function linkTo({ reference, tap }: Linked, part: number): string {
  const word = part === 0 ? WORDS.reply : WORDS.next;
  return `<a href="weixin://bizmsgmenu?msgmenucontent=${word}&msgmenuid=reply-${reference}${tap}-${part}">${word}</a>`;
}

/** A part with the link to the next, if there is one. */
export function partWithLink(pending: PendingReply, part: number): Reply | undefined {
  const reply = pending.parts?.[part];
  if (reply?.type !== 'text' || part + 1 >= (pending.parts?.length ?? 0)) return reply;
  return { type: 'text', content: `${reply.content}\n${linkTo(pending, part + 1)}` };
}

/** The waiting text with the link to the reply. */
export function waitingReply(pending: PendingReply, text: string): Reply {
  return { type: 'text', content: `${text}\n${linkTo(pending, 0)}` };
}
