import { isDeepStrictEqual } from 'node:util';
import type { Reply } from '../wechat/reply.ts';

/** The longest text WeChat shows in a passive reply. */
const MAX_TEXT_BYTES = 2048;

/**
 * One reply out of several, since WeChat takes one for a delivery: texts become one text, a blank line between them, as
 * long as they fit. What does not fit is the rest, in its order; nothing is lost.
 */
export function joined(replies: readonly Reply[]): { reply: Reply | null; rest: readonly Reply[] } {
  const [first, ...others] = replies;
  if (first === undefined) return { reply: null, rest: [] };
  let reply = first;
  for (const [index, next] of others.entries()) {
    const both = bothTexts(reply, next);
    if (both === undefined) return { reply, rest: others.slice(index) };
    reply = both;
  }
  return { reply, rest: [] };
}

/** Those of some replies that are not part of a joined one. */
export const unsaid = (replies: readonly Reply[], said: Reply | null): readonly Reply[] =>
  replies.filter((reply) => said === null || !isPartOf(said, reply));

function isPartOf(said: Reply, reply: Reply): boolean {
  if (said.type !== 'text' || reply.type !== 'text') return isDeepStrictEqual(said, reply);
  return `\n\n${said.content}\n\n`.includes(`\n\n${reply.content}\n\n`);
}

function bothTexts(one: Reply, other: Reply): Reply | undefined {
  if (one.type !== 'text' || other.type !== 'text') return undefined;
  const content = `${one.content}\n\n${other.content}`;
  return Buffer.byteLength(content) > MAX_TEXT_BYTES ? undefined : { type: 'text', content };
}
