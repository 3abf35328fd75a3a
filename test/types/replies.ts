/** Compiled, never run: what must not compile in `functions/webhook/replies.ts`. */
import { type Handlers, slow } from '../../lib/replies/handlers.ts';

export const fine: Handlers = {
  text: ({ content }) => content.toUpperCase(),
  image: ({ media_id }) => ({ type: 'image', media_id }),
  'event.subscribe': ({ scene }) => (scene === undefined ? undefined : `来自 ${scene}`),
  'event.CLICK': slow(async ({ key, from }) => `${from} ${key}`),
  location: () => null,
};

export const misspelt: Handlers = {
  // @ts-expect-error WeChat has no such event
  'event.subscribed': () => 'x',
};

export const wrongCase: Handlers = {
  // @ts-expect-error the event is CLICK
  'event.click': () => 'x',
};

export const wrongField: Handlers = {
  // @ts-expect-error a subscription has no content
  'event.subscribe': ({ content }) => content,
};

export const wrongFieldSlow: Handlers = {
  // @ts-expect-error an image has no content
  image: slow(async ({ content }) => content),
};

export const wrongReply: Handlers = {
  // @ts-expect-error an image reply needs a media_id
  text: () => ({ type: 'image' }),
};

export const notAReply: Handlers = {
  // @ts-expect-error a number is not an answer
  text: () => 42,
};
