import { type Apis, bodyOf, type Fields, isFields, OK, textOf } from './call.ts';
import { Refusal } from './refusal.ts';
import type { AccountState, Tag } from './state.ts';

const MOST_TAGS = 100;
const NAME_BYTES = 30;
const MOST_FANS_TO_DELETE = 100_000;
const SYSTEM_TAGS: readonly unknown[] = [0, 1, 2];

/** The tags of the account: at most 100, names unique and of at most 30 bytes, system tags read-only. */
export const tagApis: Apis = {
  'POST /cgi-bin/tags/create': ({ account, raw }) => {
    const name = readName(account, tagIn(raw));
    if (account.tags.filter(({ id }) => !SYSTEM_TAGS.includes(id)).length >= MOST_TAGS) throw new Refusal(45056);
    const tag: Tag = { id: account.next_tagid, name };
    account.next_tagid += 1;
    account.tags.push(tag);
    return { tag };
  },
  'GET /cgi-bin/tags/get': ({ account }) => ({
    tags: account.tags.map((tag) => ({ ...tag, count: fansOf(account, tag.id).length })),
  }),
  'POST /cgi-bin/tags/update': ({ account, raw }) => {
    const asked = tagIn(raw);
    const tag = changeable(account, asked.id);
    tag.name = readName(account, asked, tag);
    return OK;
  },
  'POST /cgi-bin/tags/delete': ({ account, raw }) => {
    const { id } = changeable(account, tagIn(raw).id);
    const fans = fansOf(account, id);
    if (fans.length > MOST_FANS_TO_DELETE) throw new Refusal(45057);
    for (const fan of Object.values(account.followers)) fan.tagid_list = fan.tagid_list.filter((tagid) => tagid !== id);
    account.tags = account.tags.filter((tag) => tag.id !== id);
    return OK;
  },
};

/** The tag with this id, a number. @throws Refusal 45159 */
export function tagWith(account: AccountState, id: unknown): Tag {
  const tag = account.tags.find((each) => each.id === id);
  if (!tag) throw new Refusal(45159);
  return tag;
}

/** The followers with a tag, in the order they followed. */
export function fansOf(account: AccountState, tagid: number) {
  return Object.values(account.followers).filter((fan) => fan.subscribe && fan.tagid_list.includes(tagid));
}

function tagIn(raw: string): Fields {
  const { tag } = bodyOf(raw);
  if (!isFields(tag)) throw new Refusal(44002);
  return tag;
}

function changeable(account: AccountState, id: unknown): Tag {
  if (SYSTEM_TAGS.includes(id)) throw new Refusal(45058);
  return tagWith(account, id);
}

function readName(account: AccountState, asked: Fields, renamed?: Tag): string {
  const name = textOf(asked, 'name');
  if (name.trim() === '') throw new Refusal(45157);
  if (Buffer.byteLength(name) > NAME_BYTES) throw new Refusal(45158);
  if (account.tags.some((tag) => tag !== renamed && tag.name === name)) throw new Refusal(45157);
  return name;
}
