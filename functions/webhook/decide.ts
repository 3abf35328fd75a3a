import {
  type Handler,
  type HandlerResult,
  type Handlers,
  handlerFor,
  isSlow,
  type Slow,
} from '../../lib/replies/handlers.ts';
import { logUngiven, preparedReply } from '../../lib/replies/prepared.ts';
import type { Outcome } from '../../lib/slow-replies/protocol.ts';
import type { RecordResult } from '../../lib/tables/interactions/record.ts';
import { checkReply, type Reply } from '../../lib/wechat/callback/passive-reply.ts';
import { type Delivery, kindOf } from '../../lib/wechat/deliveries/delivery.ts';
import type { Arrival } from './arrived.ts';

/** What a delivery is answered with, and by what. No reply is `success`: taken, nothing said. */
export type Decision = {
  /** A text may be longer than WeChat takes: `withSlowReplies` cuts it. */
  readonly reply: Reply | null;
  /** `code:text` for a handler, `rule:<id>` for a reply rule. */
  readonly answered_by?: string;
  /** The slow handler that makes the reply, elsewhere, since it takes longer than WeChat waits. */
  readonly slow?: Slow;
  /** The reply rules, or what waits, could not be read: what they say is not known. */
  readonly isUndecided?: boolean;
  /** What is done once the delivery is recorded, instead of replying with what was recorded. */
  readonly afterwards?: (kept: RecordResult) => Promise<Outcome>;
};

/** Rules and handlers look at the delivery alone. Never rejects. */
export type Decide = (delivery: Delivery, arrived: Arrival) => Promise<Decision>;

type Ports = {
  readonly handlers: Handlers;
  readonly rules: (delivery: Delivery) => Promise<Decision>;
  readonly welcomeText: string | undefined;
};

/** A fast handler's time; the rest of WeChat's five seconds belongs to the record. */
const FAST_MS = 1_000;

const NOTHING: Decision = { reply: null };

/**
 * Asks the handler in `replies.ts`, then the reply rules, then the handler if it is to come after the rules, then welcomes
 * whoever subscribes. Never throws.
 */
export function deciding({ handlers, rules, welcomeText }: Ports): (delivery: Delivery) => Promise<Decision> {
  const welcome = welcoming(welcomeText);
  return async (delivery) => {
    const kind = kindOf(delivery);
    const { handler, isAfterRules } = handlerFor(handlers, kind) ?? {};
    const first = handler && !isAfterRules ? await ask(handler, kind, delivery) : undefined;
    if (first !== undefined) return first;
    const ruled = await rules(delivery);
    if (ruled.answered_by !== undefined || ruled.isUndecided) return ruled;
    const last = handler && isAfterRules ? await ask(handler, kind, delivery) : undefined;
    return last ?? welcome(delivery);
  };
}

/** Undefined when the handler says nothing. */
async function ask(handler: Handler | Slow, kind: string, delivery: Delivery): Promise<Decision | undefined> {
  const answered_by = `code:${kind}`;
  if (isSlow(handler)) return { reply: null, answered_by, slow: handler };
  try {
    const reply = preparedReply(await within(FAST_MS, handler(delivery)), delivery);
    return reply === null ? undefined : { reply, answered_by };
  } catch (error) {
    logUngiven(kind, error);
    return { ...NOTHING, answered_by };
  }
}

async function within(ms: number, said: HandlerResult | Promise<HandlerResult>): Promise<HandlerResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooSlow()), ms);
  });
  return Promise.race([said, late]).finally(() => clearTimeout(timer));
}

class TooSlow extends Error {
  override readonly name = 'TooSlow: declare the handler slow()';
}

/** @throws InvalidReply for a text WeChat would not show */
export function welcoming(welcomeText: string | undefined): (delivery: Delivery) => Decision {
  if (welcomeText === undefined) return () => NOTHING;
  const welcome: Decision = { reply: { type: 'text', content: welcomeText }, answered_by: 'welcome' };
  if (welcome.reply) checkReply(welcome.reply, 'event');
  return (delivery) => (delivery.type === 'event' && delivery.event === 'subscribe' ? welcome : NOTHING);
}
