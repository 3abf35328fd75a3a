import { AppError } from '../platform/error.ts';
import type { Reply } from '../wechat/callback/passive-reply.ts';
import type { Delivery, DeliveryOf, Kind } from '../wechat/deliveries/delivery.ts';

/** The result of a handler: a reply, a text, or nothing, which leaves the reply to the reply rules. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing has this type
export type HandlerResult = Reply | string | null | undefined | void;

/** A handler: a function of the delivery that returns a reply or nothing. */
export type Handler<D extends Delivery = Delivery> = (delivery: D) => HandlerResult | Promise<HandlerResult>;

export type SlowOptions = {
  /** The text before the link to tap, if the reply takes longer than WeChat waits. */
  readonly waitingText?: string;
};

/** A handler that may take longer than WeChat waits. It is run by `functions/slow-replies`. */
export type Slow<D extends Delivery = Delivery> = SlowOptions & { readonly slow: Handler<D> };

/** A handler that runs only if no reply rule applies. */
export type AfterRules<D extends Delivery = Delivery> = { readonly afterRules: Handler<D> | Slow<D> };

type Registered<D extends Delivery = Delivery> = Handler<D> | Slow<D> | AfterRules<D>;

/** Handlers by the kind of delivery they reply to: `text`, `event.subscribe`, `event.CLICK`, … */
export type Handlers = { readonly [K in Kind]?: Registered<DeliveryOf<K>> };

/**
 * Declares that a handler may take longer than WeChat waits: up to 45 s. It runs once for all attempts of WeChat, and a
 * second time only if the first run was killed: make an action that must not happen twice idempotent. The reply reaches
 * the follower within WeChat's three attempts (about 14 s); later as customer-service messages; if the account may not
 * send any, by a link in the reply to the last attempt.
 */
export const slow = <D extends Delivery>(handler: Handler<D>, options: SlowOptions = {}): Slow<D> => ({
  ...options,
  slow: handler,
});

/** Declares that a handler runs only if no reply rule applies, for example `afterRules(slow(…))`. */
export const afterRules = <D extends Delivery>(handler: Handler<D> | Slow<D>): AfterRules<D> => ({
  afterRules: handler,
});

/** The handler for a delivery of this kind, and whether it runs after the rules. `Handlers` matches it to the kind. */
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

/** The name of a thrown value for the log, without its message, which may quote the follower. */
export const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : typeof thrown);

/** A handler that did not return in time. */
export class HandlerTimeout extends AppError<'HANDLER_TIMEOUT'> {
  override readonly name = 'HandlerTimeout';

  constructor(hint: string) {
    super('HANDLER_TIMEOUT', 'the handler did not return in time', { hint });
  }
}

export function hasSlow(handlers: Handlers): boolean {
  return Object.keys(handlers).some((kind) => {
    const found = handlerFor(handlers, kind);
    return found !== undefined && isSlow(found.handler);
  });
}
