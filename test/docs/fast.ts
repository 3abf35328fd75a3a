import type { Handlers } from '../../lib/replies/handlers.ts';

export const replies: Handlers = {
  text: ({ content }) => (content === 'ping' ? 'pong' : undefined),
  'event.CLICK': ({ key }) => (key === 'V1001_GOOD' ? '谢谢！' : undefined),
  'event.subscribe': ({ scene }) => {
    if (scene !== 'shop-42') return undefined;
    return { type: 'news', articles: [{ title: '42 号店欢迎您', url: 'https://example.com/shops/42' }] };
  },
};
