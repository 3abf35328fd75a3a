import { log } from '../../lib/log.ts';
import { asReply, type Handlers, handlerFor, isSlow, nameOf, type Said } from '../../lib/replies/handlers.ts';
import { type Delivery, kindOf } from '../../lib/wechat/delivery.ts';
import { checkReply, type Reply } from '../../lib/wechat/reply.ts';

/** What a delivery is answered with, and by what. No reply is `success`: taken, nothing said. */
export type Decision = {
  readonly reply: Reply | null;
  /** `code:text` for a handler, `rule:<id>` for a reply rule. */
  readonly answered_by?: string;
  /** The answer takes longer than WeChat waits: it is being made elsewhere. */
  readonly isSlow?: boolean;
  /** The reply rules could not be read: what they say is not known. */
  readonly isUndecided?: boolean;
};

export type Decide = (delivery: Delivery) => Promise<Decision>;

type Ports = {
  readonly handlers: Handlers;
  readonly rules: Decide;
  readonly welcomeText: string | undefined;
};

/** A fast handler's time; the rest of WeChat's five seconds belongs to the record. */
const FAST_MS = 1_000;

const NOTHING: Decision = { reply: null };

/** Asks the handlers in `replies.ts`, then the reply rules, then welcomes whoever subscribes. Never throws. */
export function deciding({ handlers, rules, welcomeText }: Ports): Decide {
  const welcome = welcoming(welcomeText);
  return async (delivery) => {
    const own = await fromHandlers(handlers, delivery);
    if (own !== undefined) return own;
    const ruled = await rules(delivery);
    return ruled.answered_by === undefined && !ruled.isUndecided ? welcome(delivery) : ruled;
  };
}

async function fromHandlers(handlers: Handlers, delivery: Delivery): Promise<Decision | undefined> {
  const kind = kindOf(delivery);
  const handler = handlerFor(handlers, kind);
  if (handler === undefined) return undefined;
  const answered_by = `code:${kind}`;
  if (isSlow(handler)) return { reply: null, answered_by, isSlow: true };
  try {
    const reply = asReply(await within(FAST_MS, handler(delivery)));
    if (reply === null) return undefined;
    checkReply(reply, delivery.type === 'event' ? 'event' : 'message');
    return { reply, answered_by };
  } catch (error) {
    log.error('a handler failed', { kind, error: nameOf(error) });
    return { ...NOTHING, answered_by };
  }
}

async function within(ms: number, said: Said | Promise<Said>): Promise<Said> {
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
