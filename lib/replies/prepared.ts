import { log } from '../platform/log.ts';
import { metrics } from '../platform/metrics.ts';
import { legalText } from '../wechat/callback/cdata.ts';
import {
  checkReply,
  InvalidReply,
  isRenderable,
  MAX_TEXT_BYTES,
  type Reply,
} from '../wechat/callback/passive-reply.ts';
import type { Delivery } from '../wechat/deliveries/delivery.ts';
import { type HandlerResult, nameOf } from './handlers.ts';

/**
 * The reply that a handler said, as it can be given out: a text is short for a text reply; characters that XML and
 * WeChat's API cannot hold (most control characters, halves of an emoji) are left out. Its text may be longer than a reply
 * takes: see `cut`.
 * @throws InvalidReply naming the place and the limit, never the text
 */
export function preparedReply(said: HandlerResult, { type }: Pick<Delivery, 'type'>): Reply | null {
  if (said === null || said === undefined || said === '') return null;
  const reply = cleaned(typeof said === 'string' ? { type: 'text', content: said } : said);
  if (!isRenderable(reply)) throw new InvalidReply('type', 'is not a type that WeChat knows');
  if (!isLong(reply)) checkReply(reply, type === 'event' ? 'event' : 'message');
  return reply;
}

/** Whether a reply is a text longer than WeChat takes at once. */
export const isLong = (reply: Reply | null): reply is Extract<Reply, { type: 'text' }> =>
  reply?.type === 'text' &&
  typeof reply.content === 'string' &&
  reply.content.length * 3 > MAX_TEXT_BYTES &&
  Buffer.byteLength(reply.content) > MAX_TEXT_BYTES;

const cleaned = (reply: Reply): Reply => cleanedValue(reply) as Reply;

function cleanedValue(value: unknown): unknown {
  if (typeof value === 'string') return legalText(value);
  if (Array.isArray(value)) return value.map(cleanedValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cleanedValue(one)]));
}

/** A handler that threw, or whose reply cannot be given out: the log names the limit or the error, never a text. */
export function logUngiven(kind: string, thrown: unknown): void {
  const metric = metrics({ name: 'replies_lost', value: 1, unit: 'Count' });
  if (thrown instanceof InvalidReply)
    log.error('a reply could not be given out', { kind, limit: thrown.message, ...metric });
  else log.error('a handler failed', { kind, error: nameOf(thrown), ...metric });
}
