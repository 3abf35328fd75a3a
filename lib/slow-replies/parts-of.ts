import { cut } from '../replies/parts.ts';
import { isLong } from '../replies/prepared.ts';
import type { Reply } from '../wechat/callback/passive-reply.ts';
import { MOST_BYTES } from './protocol.ts';
import { PART_BYTES } from './tap-link.ts';

/** Splits a reply into parts within WeChat's limit; `isCutOff` if its text was longer than all parts may be. */
export function partsOf(reply: Reply): { readonly parts: readonly Reply[]; readonly isCutOff: boolean } {
  if (!isLong(reply)) return { parts: [reply], isCutOff: false };
  const { text, isCutOff } = bounded(reply.content);
  return { parts: cut(text, PART_BYTES).map((content) => ({ type: 'text', content })), isCutOff };
}

/** The longest prefix of whole code points within `MOST_BYTES`. */
function bounded(content: string): { readonly text: string; readonly isCutOff: boolean } {
  const bytes = Buffer.from(content);
  if (bytes.length <= MOST_BYTES) return { text: content, isCutOff: false };
  let end = MOST_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return { text: bytes.subarray(0, end).toString(), isCutOff: true };
}
