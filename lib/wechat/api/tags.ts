import type { WeChat } from './client.ts';
import { refuse, type WeChatResult } from './error.ts';
import { hasControlCharacter } from './json.ts';

/** WeChat's older pages count bytes, newer ones characters: 30 bytes (ten Chinese characters) satisfy both. */
const MAX_TAG_NAME_BYTES = 30;

/** The tags every account has. They can be given to followers, not renamed or deleted. */
const SYSTEM_TAG_IDS: readonly number[] = [0, 1, 2];

/** Creates a tag (at most 100 per account, names unique): `{"tag":{"id":134,"name":"广东"}}`. */
export const createTag = async (wechat: WeChat, name: string): Promise<WeChatResult> =>
  wechat('/cgi-bin/tags/create', { body: { tag: { name: checkTagName(name) } } });

/** All tags: `{"tags":[{"id":2,"name":"星标组","count":0},…]}`. */
export const listTags = (wechat: WeChat): Promise<WeChatResult> => wechat('/cgi-bin/tags/get');

/** Renames a tag that is not a system tag. */
export const renameTag = async (wechat: WeChat, id: number, name: string): Promise<WeChatResult> =>
  wechat('/cgi-bin/tags/update', { body: { tag: { id: checkOwnTag(id), name: checkTagName(name) } } });

/** Deletes a tag that is not a system tag. WeChat refuses one with more than 100,000 followers (45057). */
export const removeTag = async (wechat: WeChat, id: number): Promise<WeChatResult> =>
  wechat('/cgi-bin/tags/delete', { body: { tag: { id: checkOwnTag(id) } } });

function checkOwnTag(id: number): number {
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
