import { MAX_TEXT_BYTES, type Reply } from '../wechat/callback/passive-reply.ts';

/**
 * Merges two replies, since WeChat accepts one for a delivery: texts, with a blank line between them, as long as they
 * fit; undefined if they cannot be merged.
 */
export function merged(one: Reply | null, other: Reply | null): Reply | undefined {
  if (one === null || other === null) return one ?? other ?? undefined;
  if (one.type !== 'text' || other.type !== 'text') return undefined;
  const content = `${one.content}\n\n${other.content}`;
  return Buffer.byteLength(content) > MAX_TEXT_BYTES ? undefined : { type: 'text', content };
}

/** True if a reply is or begins with `first`, as `merged` puts it. */
export function beginsWith(reply: Reply | null, first: Reply): boolean {
  if (reply?.type === 'text' && first.type === 'text') return `${reply.content}\n\n`.startsWith(`${first.content}\n\n`);
  return JSON.stringify(reply) === JSON.stringify(first);
}
