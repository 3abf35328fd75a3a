import type { Handlers } from '../../lib/replies/handlers.ts';

/**
 * Your handlers: the one file of this project that is yours to edit. They run before the reply rules.
 *
 * A handler may run up to three times for one delivery (WeChat retries), so it must have no side effects, and must return
 * within one second. One that takes longer or should run once is declared `text: slow(async ({ content }) => …)`; one that
 * should run only if no reply rule applies, `text: afterRules(slow(…))`.
 *
 * @example
 *   text: ({ content }) => (content === 'ping' ? 'pong' : undefined),
 *   'event.CLICK': ({ key }) => (key === 'V1001_GOOD' ? '谢谢！' : undefined),
 */
export const replies: Handlers = {};
