import type { WeChat } from './client.ts';
import { refuse, type WeChatResult } from './error.ts';
import { hasControlCharacter } from './json.ts';

/** Older pages count bytes, newer ones characters; 30 bytes (ten Chinese characters) satisfy both. */
const MAX_TAG_NAME_BYTES = 30;

/** The tags every account has. They can be given to followers, not renamed or deleted. */
const SYSTEM_TAG_IDS: readonly number[] = [0, 1, 2];

/** Makes a tag (at most 100 an account, names unique): `{"tag":{"id":134,"name":"广东"}}`. */
export const createTag = async (call: WeChat, name: string, deadline?: number): Promise<WeChatResult> =>
  call('/cgi-bin/tags/create', { body: { tag: { name: checkTagName(name) } }, deadline });

/** All tags: `{"tags":[{"id":2,"name":"星标组","count":0},…]}`. */
export const listTags = (call: WeChat, deadline?: number): Promise<WeChatResult> =>
  call('/cgi-bin/tags/get', { deadline });

/** Renames a tag that is no system tag. */
export const renameTag = async (call: WeChat, id: unknown, name: string, deadline?: number): Promise<WeChatResult> =>
  call('/cgi-bin/tags/update', { body: { tag: { id: checkOwnTagId(id), name: checkTagName(name) } }, deadline });

/** Deletes a tag that is no system tag. WeChat refuses one with more than 100,000 followers (45057). */
export const removeTag = async (call: WeChat, id: unknown, deadline?: number): Promise<WeChatResult> =>
  call('/cgi-bin/tags/delete', { body: { tag: { id: checkOwnTagId(id) } }, deadline });

/** A tag's id as the number WeChat wants, given as one or as its digits (a form has only text). Else 45159. */
export function checkTagId(id: unknown, field = 'id'): number {
  const number = typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : id;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
  return refuse(45159, `${field} must be the number of a tag`);
}

function checkOwnTagId(value: unknown): number {
  const id = checkTagId(value);
  if (SYSTEM_TAG_IDS.includes(id)) refuse(45058, `id ${id} is a system tag (${SYSTEM_TAG_IDS.join(', ')})`);
  return id;
}

function checkTagName(name: string): string {
  if (name.trim() === '') refuse(45157, 'name is empty');
  if (hasControlCharacter(name)) refuse(45157, 'name has a control character or half an emoji');
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_TAG_NAME_BYTES) refuse(45158, `name is ${bytes} bytes, at most ${MAX_TAG_NAME_BYTES}`);
  return name;
}
