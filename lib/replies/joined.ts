import { isDeepStrictEqual } from 'node:util';
import type { WaitingReply } from '../tables/slow-replies.ts';
import type { Reply } from '../wechat/reply.ts';

/** The longest text WeChat shows in a passive reply. */
const MAX_TEXT_BYTES = 2048;

/**
 * One reply out of several answers, since WeChat takes one for a delivery: as many of them, from the first on, as go
 * together. What does not is the rest, in its order; nothing is lost.
 */
export function joined(answers: readonly WaitingReply[]): { reply: Reply | null; rest: readonly WaitingReply[] } {
  let reply: Reply | null = null;
  for (const [index, { answer }] of answers.entries()) {
    const both = together(reply, answer);
    if (both === undefined) return { reply, rest: answers.slice(index) };
    reply = both;
  }
  return { reply, rest: [] };
}

/** Two replies as one: texts, a blank line between them, as long as they fit; undefined if they do not go together. */
export function together(one: Reply | null, other: Reply): Reply | undefined {
  if (one === null) return other;
  if (one.type !== 'text' || other.type !== 'text') return undefined;
  const content = `${one.content}\n\n${other.content}`;
  return Buffer.byteLength(content) > MAX_TEXT_BYTES ? undefined : { type: 'text', content };
}

/** Those of some answers that are not part of a joined reply. */
export const unsaid = (answers: readonly WaitingReply[], said: Reply | null): readonly WaitingReply[] =>
  answers.filter(({ answer }) => said === null || !isPartOf(said, answer));

function isPartOf(said: Reply, reply: Reply): boolean {
  if (said.type !== 'text' || reply.type !== 'text') return isDeepStrictEqual(said, reply);
  return `\n\n${said.content}\n\n`.includes(`\n\n${reply.content}\n\n`);
}
