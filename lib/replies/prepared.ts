import { hasCode } from '../platform/error.ts';
import { log } from '../platform/log.ts';
import { metrics } from '../platform/metrics.ts';
import { legalText } from '../wechat/callback/cdata.ts';
import {
  checkReply,
  InvalidReply,
  isInvalidReply,
  isRenderable,
  MAX_TEXT_BYTES,
  type Reply,
} from '../wechat/callback/passive-reply.ts';
import type { Delivery } from '../wechat/deliveries/delivery.ts';
import { type HandlerResult, nameOf } from './handlers.ts';

/**
 * Makes the reply of a handler's result: a string becomes a text reply; characters that XML and WeChat's API cannot hold
 * (most control characters, lone surrogates) are removed. Its text may be longer than a reply may be: see `cut`.
 * @throws InvalidReply naming the place and the limit, never the text
 */
export function preparedReply(result: HandlerResult, { type }: Pick<Delivery, 'type'>): Reply | null {
  if (result === null || result === undefined || result === '') return null;
  const reply = cleaned(typeof result === 'string' ? { type: 'text', content: result } : result);
  if (!isRenderable(reply)) throw new InvalidReply('type', 'is not a type that WeChat knows');
  if (!isLong(reply)) checkReply(reply, type === 'event' ? 'event' : 'message');
  return reply;
}

/** True for a text longer than WeChat's limit. */
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

/** Logs a handler that threw or whose reply is invalid: the limit or the error's name, never a text. */
export function logFailedReply(kind: string, thrown: unknown): void {
  const metric = metrics({ name: 'replies_lost', value: 1, unit: 'Count' });
  if (isInvalidReply(thrown)) log.error('a reply is invalid', { kind, limit: thrown.message, ...metric });
  else if (hasCode(thrown, 'HANDLER_TIMEOUT'))
    log.error('a handler timed out', { kind, code: thrown.code, hint: thrown.hint, ...metric });
  else log.error('a handler failed', { kind, error: nameOf(thrown), ...metric });
}
