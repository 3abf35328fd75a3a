import { type Fields, isFields, textOf } from './call.ts';
import { type Errcode, Refusal } from './refusal.ts';
import type { Button, Leaf } from './state.ts';

type Level = Record<'type' | 'name' | 'key' | 'url' | 'domain', Errcode> & { nameBytes: number };

const TOP: Level = { type: 40017, name: 40018, key: 40019, url: 40020, domain: 40055, nameBytes: 16 };
const SUB: Level = { type: 40024, name: 40025, key: 40026, url: 40027, domain: 40054, nameBytes: 60 };

const KEY_BYTES = 128;
const URL_BYTES = 1024;

/** The required fields of each button type. @see https://developers.weixin.qq.com/doc/offiaccount/Custom_Menus/Creating_Custom-Defined_Menu.html */
const REQUIRED: Record<string, readonly ('key' | 'url' | 'appid' | 'pagepath' | 'media_id' | 'article_id')[]> = {
  click: ['key'],
  view: ['url'],
  miniprogram: ['url', 'appid', 'pagepath'],
  scancode_push: ['key'],
  scancode_waitmsg: ['key'],
  pic_sysphoto: ['key'],
  pic_photo_or_album: ['key'],
  pic_weixin: ['key'],
  location_select: ['key'],
  media_id: ['media_id'],
  view_limited: ['media_id'],
  article_id: ['article_id'],
  article_view_limited: ['article_id'],
};

/** Reads `button` of a menu: 1 to 3 buttons, each a leaf or a parent of 1 to 5 leaves. @throws Refusal */
export function readButtons(value: unknown, withoutType: { top: Errcode; sub: Errcode }): Button[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > 3) throw new Refusal(40016);
  return value.map((button) => readTop(button, withoutType));
}

function readTop(value: unknown, withoutType: { top: Errcode; sub: Errcode }): Button {
  const button = isFields(value) ? value : {};
  const name = readName(button, TOP);
  const children = button.sub_button;
  if (children !== undefined && !Array.isArray(children)) throw new Refusal(41007);
  if (button.type !== undefined && children?.length) throw new Refusal(40017);
  if (button.type !== undefined || children === undefined) return readLeaf(button, TOP, withoutType.top);
  if (children.length < 1 || children.length > 5) throw new Refusal(40023);
  return { name, sub_button: children.map((child) => readSub(child, withoutType.sub)) };
}

function readSub(value: unknown, withoutType: Errcode): Leaf {
  const button = isFields(value) ? value : {};
  if (Array.isArray(button.sub_button) && button.sub_button.length > 0) throw new Refusal(40022);
  return readLeaf(button, SUB, withoutType);
}

function readLeaf(button: Fields, level: Level, withoutType: Errcode): Leaf {
  const name = readName(button, level);
  const type = textOf(button, 'type');
  if (type === '') throw new Refusal(withoutType);
  if (!Object.hasOwn(REQUIRED, type)) throw new Refusal(level.type);
  const fields = (REQUIRED[type] ?? []).map((field) => [field, readField(button, field, level)]);
  return { type, name, ...Object.fromEntries(fields) };
}

function readName(button: Fields, level: Level): string {
  const name = textOf(button, 'name');
  if (name === '' || Buffer.byteLength(name) > level.nameBytes) throw new Refusal(level.name);
  return name;
}

function readField(button: Fields, field: string, level: Level): string {
  const value = textOf(button, field);
  const wrong = troubleWith(field, value, level);
  if (wrong !== undefined) throw new Refusal(wrong);
  return value;
}

function troubleWith(field: string, value: string, level: Level): Errcode | undefined {
  const bytes = Buffer.byteLength(value);
  switch (field) {
    case 'key':
      return bytes < 1 || bytes > KEY_BYTES ? level.key : undefined;
    case 'url':
      if (bytes < 1 || bytes > URL_BYTES) return level.url;
      return isWebAddress(value) ? undefined : level.domain;
    case 'appid':
      return /^wx[0-9a-z]{16}$/.test(value) ? undefined : 40013;
    case 'pagepath':
      return bytes < 1 ? 40165 : undefined;
    case 'article_id':
      return bytes < 1 ? 53600 : undefined;
    default:
      return bytes < 1 ? 40007 : undefined;
  }
}

function isWebAddress(url: string): boolean {
  return /^https?:\/\/[^/?#\s]/i.test(url) && URL.canParse(url);
}

/** The leaves of a menu, without its structure. */
export function leavesOf(buttons: readonly Button[]): Leaf[] {
  return buttons.flatMap((button) => ('sub_button' in button ? (button.sub_button as Leaf[]) : [button as Leaf]));
}

/** A menu in the form of `menu/get`: every leaf with an empty `sub_button`. */
export function asRead(buttons: readonly Button[]): Fields[] {
  return buttons.map((button) => {
    if (!('sub_button' in button)) return { ...button, sub_button: [] };
    return { name: button.name, sub_button: asRead(button.sub_button as Leaf[]) };
  });
}

/** A menu in the form of `get_current_selfmenu_info`: `sub_button` is an object with a `list`. */
export function asSelfmenu(buttons: readonly Button[]): Fields[] {
  return buttons.map((button) => {
    if (!('sub_button' in button)) return button;
    return { name: button.name, sub_button: { list: button.sub_button } };
  });
}
