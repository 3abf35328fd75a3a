/** Compiled, never run: what the compiler must know of deliveries. Each marked line has to be an error. */
import type { Delivery, DeliveryOf, Kind } from '../../lib/wechat/deliveries/delivery.ts';

type Handlers = { readonly [K in Kind]?: (delivery: DeliveryOf<K>) => string };

export const handlers: Handlers = {
  text: ({ content, id, from }) => content + id + from,
  'event.CLICK': ({ key }) => key,
  'event.subscribe': ({ scene }) => scene ?? '',
  'event.pic_weixin': ({ pics }) => pics.map((pic) => pic.pic_md5_sum).join(),
  // @ts-expect-error an image has no content
  image: ({ content }) => content,
  // @ts-expect-error a scan follows no payment
  'event.SCAN': ({ trade_no }) => trade_no,
};

export const misspelt: Handlers = {
  // @ts-expect-error WeChat spells it CLICK
  'event.click': () => '',
};

export const unheardOf: Handlers = {
  // @ts-expect-error there is no such message
  hologram: () => '',
};

export function narrow(delivery: Delivery): string {
  // @ts-expect-error only some deliveries have a url
  if (delivery.url) return '';
  if (delivery.type === 'location') return delivery.latitude + delivery.label;
  if (delivery.type === 'unknown') return Object.keys(delivery.fields).join();
  if (delivery.type !== 'event') return delivery.id;
  // @ts-expect-error there is no such event
  if (delivery.event === 'view') return '';
  if (delivery.event === 'VIEW') return delivery.url;
  // @ts-expect-error events have no id
  return delivery.id;
}

export function optionals(voice: DeliveryOf<'voice'>, subscription: DeliveryOf<'event.subscribe'>): string {
  // @ts-expect-error a recognition may be missing
  const recognition: string = voice.recognition;
  // @ts-expect-error facts are not changed
  subscription.scene = 'other';
  return recognition + voice.format;
}
