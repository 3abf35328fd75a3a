import type { Handlers } from '../../lib/replies/handlers.ts';

/**
 * Your own answers: the one file of this project that is yours to edit. They are asked before the reply rules.
 *
 * A handler may run up to three times for one delivery (WeChat repeats itself), so it must have no side effects, and
 * has one second. What takes longer, or should happen once, is declared so: `text: slow(async ({ content }) => …)`. What is
 * to be asked only if no reply rule applies: `text: afterRules(slow(…))`.
 *
 * @example
 *   text: ({ content }) => (content === 'ping' ? 'pong' : undefined),
 *   'event.CLICK': ({ key }) => (key === 'V1001_GOOD' ? '谢谢！' : undefined),
 */
export const replies: Handlers = {};
