import type { Delivery, DeliveryOf, Kind } from '../wechat/delivery.ts';
import type { Reply } from '../wechat/reply.ts';

/** What a handler says: a reply, a text, or nothing, which leaves the answer to the reply rules. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing has this type
export type Said = Reply | string | null | undefined | void;

/** What a handler of yours is: told the delivery, says something or nothing. */
export type Handler<D extends Delivery = Delivery> = (delivery: D) => Said | Promise<Said>;

/** A handler that may take longer than WeChat waits. It is run once for a delivery, by `functions/slow-replies`. */
export type Slow<D extends Delivery = Delivery> = { readonly slow: Handler<D> };

/** Handlers by the kind of delivery they answer: `text`, `event.subscribe`, `event.CLICK`, … */
export type Handlers = { readonly [K in Kind]?: Handler<DeliveryOf<K>> | Slow<DeliveryOf<K>> };

/**
 * Declares that a handler may take longer than WeChat waits: up to 45 s. It runs once, whatever WeChat repeats, so it
 * may have side effects. What it says reaches the follower within WeChat's three attempts (about 14 s), later as a
 * customer-service message, or, where the account may send none, with the follower's next message.
 */
export const slow = <D extends Delivery>(handler: Handler<D>): Slow<D> => ({ slow: handler });

/** The handler for a delivery of this kind. The table's type has matched it to the kind. */
export function handlerFor(handlers: Handlers, kind: string): Handler | Slow | undefined {
  return Object.hasOwn(handlers, kind) ? (handlers[kind as Kind] as Handler | Slow) : undefined;
}

export const isSlow = (handler: Handler | Slow): handler is Slow => typeof handler !== 'function';

/** A text is short for a text reply. */
export function asReply(said: Said): Reply | null {
  if (typeof said === 'string') return said === '' ? null : { type: 'text', content: said };
  return said ?? null;
}

/** What a handler threw, for the log: its text may quote the follower's. Code of yours may throw anything. */
export const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : typeof thrown);

export const hasSlow = (handlers: Handlers): boolean =>
  Object.values(handlers).some((handler) => isSlow(handler as Handler | Slow));
