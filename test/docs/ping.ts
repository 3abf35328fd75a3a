import type { Handlers } from '../../lib/replies/handlers.ts';

export const replies: Handlers = {
  text: ({ content }) => (content === 'ping' ? 'pong' : undefined),
};
