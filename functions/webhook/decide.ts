import { withTimeLimit } from '../../lib/platform/time-limit.ts';
import {
  type Handler,
  type Handlers,
  HandlerTimeout,
  handlerFor,
  isSlow,
  type Slow,
} from '../../lib/replies/handlers.ts';
import { logFailedReply, preparedReply } from '../../lib/replies/prepared.ts';
import type { Outcome } from '../../lib/slow-replies/protocol.ts';
import type { RecordResult } from '../../lib/tables/interactions/record.ts';
import { checkReply, type Reply } from '../../lib/wechat/callback/passive-reply.ts';
import { type Delivery, kindOf } from '../../lib/wechat/deliveries/delivery.ts';
import type { Arrival } from './arrival.ts';

/** The reply to a delivery, and its origin. No reply: the response is `success`. */
export type Decision = {
  /** A text may be longer than WeChat's limit: `withSlowReplies` cuts it. */
  readonly reply: Reply | null;
  /** `code:text` for a handler, `rule:<id>` for a reply rule. */
  readonly answered_by?: string;
  /** The slow handler, which `functions/slow-replies` runs. */
  readonly slow?: Slow;
  /** The reply rules or the waiting replies could not be read, so the decision is not known. */
  readonly isUndecided?: boolean;
  /** Replaces the recorded reply as the outcome, once the delivery is recorded. */
  readonly afterwards?: (recorded: RecordResult) => Promise<Outcome>;
};

/** Decides by the delivery alone. Never rejects. */
export type Decide = (delivery: Delivery, arrived: Arrival) => Promise<Decision>;

type Ports = {
  readonly handlers: Handlers;
  readonly rules: (delivery: Delivery) => Promise<Decision>;
  readonly welcomeText: string | undefined;
};

/** The time limit of a fast handler; the rest of WeChat's five seconds is for the record. */
const FAST_MS = 1_000;

const NOTHING: Decision = { reply: null };

/**
 * Decides by the handler in `replies.ts`, then the reply rules, then the handler declared `afterRules`, then the welcome
 * text for a subscription. Never throws.
 */
export function deciding({ handlers, rules, welcomeText }: Ports): (delivery: Delivery) => Promise<Decision> {
  const welcome = welcoming(welcomeText);
  return async (delivery) => {
    const kind = kindOf(delivery);
    const { handler, isAfterRules } = handlerFor(handlers, kind) ?? {};
    const first = handler && !isAfterRules ? await runHandler(handler, kind, delivery) : undefined;
    if (first !== undefined) return first;
    const ruled = await rules(delivery);
    if (ruled.answered_by !== undefined || ruled.isUndecided) return ruled;
    const last = handler && isAfterRules ? await runHandler(handler, kind, delivery) : undefined;
    return last ?? welcome(delivery);
  };
}

/** Runs a handler, or leaves a slow one to `functions/slow-replies`; undefined if it returns nothing. */
async function runHandler(handler: Handler | Slow, kind: string, delivery: Delivery): Promise<Decision | undefined> {
  const answered_by = `code:${kind}`;
  if (isSlow(handler)) return { reply: null, answered_by, slow: handler };
  try {
    const reply = preparedReply(await withTimeLimit(FAST_MS, async () => handler(delivery), timeout), delivery);
    return reply === null ? undefined : { reply, answered_by };
  } catch (error) {
    logFailedReply(kind, error);
    return { ...NOTHING, answered_by };
  }
}

const timeout = () => new HandlerTimeout('declare the handler slow()');

/** The decision for a subscription. @throws InvalidReply for a text that WeChat would not display */
export function welcoming(welcomeText: string | undefined): (delivery: Delivery) => Decision {
  if (welcomeText === undefined) return () => NOTHING;
  const welcome: Decision = { reply: { type: 'text', content: welcomeText }, answered_by: 'welcome' };
  if (welcome.reply) checkReply(welcome.reply, 'event');
  return (delivery) => (delivery.type === 'event' && delivery.event === 'subscribe' ? welcome : NOTHING);
}
