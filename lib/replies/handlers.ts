import type { Reply } from '../wechat/callback/passive-reply.ts';
import type { Delivery, DeliveryOf, Kind } from '../wechat/deliveries/delivery.ts';

/** What a handler says: a reply, a text, or nothing, which leaves the answer to the reply rules. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing has this type
export type HandlerResult = Reply | string | null | undefined | void;

/** What a handler of yours is: told the delivery, says something or nothing. */
export type Handler<D extends Delivery = Delivery> = (delivery: D) => HandlerResult | Promise<HandlerResult>;

export type SlowOptions = {
  /** What the follower reads, before the link to tap, when the reply takes longer than WeChat waits. */
  readonly waitingText?: string;
};

/** A handler that may take longer than WeChat waits. It is run by `functions/slow-replies`. */
export type Slow<D extends Delivery = Delivery> = SlowOptions & { readonly slow: Handler<D> };

/** A handler that is asked only if no reply rule applies. */
export type AfterRules<D extends Delivery = Delivery> = { readonly afterRules: Handler<D> | Slow<D> };

type Registered<D extends Delivery = Delivery> = Handler<D> | Slow<D> | AfterRules<D>;

/** Handlers by the kind of delivery they answer: `text`, `event.subscribe`, `event.CLICK`, … */
export type Handlers = { readonly [K in Kind]?: Registered<DeliveryOf<K>> };

/**
 * Declares that a handler may take longer than WeChat waits: up to 45 s. It runs once, whatever WeChat repeats, and a
 * second time only if the first run was killed: an action that must not happen twice is to be made idempotent. The reply
 * reaches the follower within WeChat's three attempts (about 14 s); later as customer-service messages; where the account
 * may send none, by a link that the last attempt is replied to with.
 */
export const slow = <D extends Delivery>(handler: Handler<D>, options: SlowOptions = {}): Slow<D> => ({
  ...options,
  slow: handler,
});

/** Declares that a handler is asked only if no reply rule applies: `afterRules(slow(…))` is a model for the rest. */
export const afterRules = <D extends Delivery>(handler: Handler<D> | Slow<D>): AfterRules<D> => ({
  afterRules: handler,
});

/** The handler for a delivery of this kind, and whether rules come before it. The table's type has matched it to the kind. */
export function handlerFor(
  handlers: Handlers,
  kind: string,
): { readonly handler: Handler | Slow; readonly isAfterRules: boolean } | undefined {
  if (!Object.hasOwn(handlers, kind)) return undefined;
  const registered = handlers[kind as Kind] as Registered;
  return 'afterRules' in registered
    ? { handler: registered.afterRules, isAfterRules: true }
    : { handler: registered, isAfterRules: false };
}

export const isSlow = (handler: Handler | Slow): handler is Slow => typeof handler !== 'function';

/** What a handler threw, for the log: its text may quote the follower's. Code of yours may throw anything. */
export const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : typeof thrown);

export function hasSlow(handlers: Handlers): boolean {
  return Object.keys(handlers).some((kind) => {
    const found = handlerFor(handlers, kind);
    return found !== undefined && isSlow(found.handler);
  });
}
