import type { WeChat } from './client.ts';
import { refuse, type WeChatResult } from './error.ts';
import { hasControlCharacter } from './json.ts';

/** The types of buttons, each with the fields it needs beside `name` and `type` (WeChat's page 创建自定义菜单). */
export const BUTTON_TYPES = {
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
} as const satisfies Record<string, readonly Field[]>;

/** The errcodes for a field that is missing or too long, in a top button and below one; no limit where WeChat states none. */
const FIELDS = {
  key: { max_bytes: 128, top: 40019, sub: 40026 },
  url: { max_bytes: 1024, top: 40020, sub: 40027 },
  appid: { max_bytes: Number.POSITIVE_INFINITY, top: 41002, sub: 41002 },
  pagepath: { max_bytes: Number.POSITIVE_INFINITY, top: 40165, sub: 40165 },
  media_id: { max_bytes: Number.POSITIVE_INFINITY, top: 40007, sub: 40007 },
  article_id: { max_bytes: Number.POSITIVE_INFINITY, top: 53600, sub: 53600 },
} as const;

/** The differences between the two levels: the longest name, and the errcodes for a bad name, type or url. */
const LEVELS = {
  top: { max_name_bytes: 16, name: 40018, type: 40017, url: 40055 },
  sub: { max_name_bytes: 60, name: 40025, type: 40024, url: 40054 },
} as const;

const MAX_TOP_BUTTONS = 3;
const MAX_SUB_BUTTONS = 5;

/** The types of menus made in the web console; WeChat does not accept them from the API. */
const CONSOLE_TYPES: readonly unknown[] = ['text', 'img', 'photo', 'voice', 'video', 'news'];

type Field = keyof typeof FIELDS;
type Level = keyof typeof LEVELS;
type Fields = Record<string, unknown>;

type ButtonType = keyof typeof BUTTON_TYPES;
type Leaf = {
  [Type in ButtonType]: { type: Type; name: string } & Record<(typeof BUTTON_TYPES)[Type][number], string>;
}[ButtonType];
type Parent = { name: string; sub_button: Leaf[] };
export type Menu = { button: (Leaf | Parent)[] };

/**
 * The menu to send, checked against every limit that WeChat documents. The additions of `getMenu` (`menuid`, the empty
 * `sub_button` of a leaf) are dropped; unknown fields are left in.
 * @throws WeChatError with WeChat's errcode
 */
export function checkMenu(body: unknown): Menu {
  const { button, menuid: _, ...others } = fieldsOf(body);
  if (!Array.isArray(button)) refuse(40016, others.menu === undefined ? 'button is missing or not a list' : WRAPPED);
  checkCount(button, 'button', MAX_TOP_BUTTONS, 40016);
  return { ...others, button: button.map((each, index) => checkTop(fieldsOf(each), `button[${index}]`)) };
}

const WRAPPED = 'the body must be {"button": […]}, not wrapped in "menu"';

function checkTop(button: Fields, place: string): Leaf | Parent {
  checkName(button.name, place, 'top');
  if (!isParent(button)) return checkLeaf(button, place, 'top');
  if (button.type !== undefined) refuse(40017, `${place} has both type and sub_button; a parent has no type`);
  const { sub_button, name } = button;
  if (!Array.isArray(sub_button)) refuse(40023, `${place}.sub_button must be a list`);
  checkCount(sub_button, `${place}.sub_button`, MAX_SUB_BUTTONS, 40023);
  const subs = sub_button.map((each, index) => checkSub(fieldsOf(each), `${place}.sub_button[${index}]`));
  return { ...button, name: String(name), sub_button: subs };
}

function checkSub(button: Fields, place: string): Leaf {
  checkName(button.name, place, 'sub');
  if (isParent(button)) refuse(40022, `${place} has a sub_button; a menu has two levels`);
  return checkLeaf(button, place, 'sub');
}

/** A button with `sub_button` is a parent, unless it has a type and the list is empty, as WeChat returns its leaves. */
const isParent = ({ type, sub_button }: Fields): boolean =>
  sub_button !== undefined && !(type !== undefined && Array.isArray(sub_button) && sub_button.length === 0);

function checkLeaf({ sub_button: _, ...button }: Fields, place: string, level: Level): Leaf {
  const { type } = button;
  if (!isButtonType(type)) refuse(LEVELS[level].type, `${place}.type ${aboutType(type)}`);
  for (const field of BUTTON_TYPES[type]) checkField(button[field], field, place, level);
  return button as Leaf;
}

const isButtonType = (type: unknown): type is ButtonType =>
  typeof type === 'string' && Object.hasOwn(BUTTON_TYPES, type);

function aboutType(type: unknown): string {
  if (type === undefined) return 'is missing';
  if (CONSOLE_TYPES.includes(type)) return `is "${type}", which only the web console can make`;
  return `is not one of ${Object.keys(BUTTON_TYPES).join(', ')}`;
}

function checkName(name: unknown, place: string, level: Level): void {
  const { max_name_bytes, name: errcode } = LEVELS[level];
  if (typeof name !== 'string' || name.trim() === '') refuse(errcode, `${place}.name must be a string and not empty`);
  checkLength(name, max_name_bytes, `${place}.name`, errcode);
  checkCharacters(name, `${place}.name`);
}

function checkField(value: unknown, field: Field, place: string, level: Level): void {
  const { max_bytes, [level]: errcode } = FIELDS[field];
  if (typeof value !== 'string' || value === '') refuse(errcode, `${place}.${field} must be a string and not empty`);
  checkLength(value, max_bytes, `${place}.${field}`, errcode);
  checkCharacters(value, `${place}.${field}`);
  if (field === 'url' && !isWebAddress(value)) {
    refuse(LEVELS[level].url, `${place}.url must be a full address, beginning with http:// or https://`);
  }
}

const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text);

function checkCount(list: unknown[], place: string, most: number, errcode: 40016 | 40023): void {
  if (list.length < 1 || list.length > most)
    refuse(errcode, `${place} has ${list.length} buttons, 1 to ${most} allowed`);
}

function checkLength(text: string, most: number, place: string, errcode: Parameters<typeof refuse>[0]): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > most) refuse(errcode, `${place} is ${bytes} bytes, at most ${most}`);
}

function checkCharacters(text: string, place: string): void {
  if (hasControlCharacter(text)) refuse(40033, `${place} has a control character or half an emoji`);
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

/** Replaces the default menu. Followers see it after at most 5 minutes (older clients: 24 hours). */
export const createMenu = async (wechat: WeChat, body: unknown): Promise<WeChatResult> =>
  wechat('/cgi-bin/menu/create', { body: checkMenu(body) });

/** Deletes the default menu and with it all conditional menus. */
export const deleteMenu = (wechat: WeChat): Promise<WeChatResult> => wechat('/cgi-bin/menu/delete');

/** The menu made by the API, every leaf with `"sub_button": []`. WeChat's 46003 if there is none. */
export async function getMenu(wechat: WeChat): Promise<WeChatResult> {
  const result = await wechat('/cgi-bin/menu/get');
  const { menu, conditionalmenu } = result;
  return {
    ...result,
    ...(menu !== undefined && { menu: withLeaves(menu) }),
    ...(Array.isArray(conditionalmenu) && { conditionalmenu: conditionalmenu.map(withLeaves) }),
  };
}

function withLeaves(menu: unknown): Fields {
  const fields = fieldsOf(menu);
  return Array.isArray(fields.button) ? { ...fields, button: fields.button.map(withSubButton) } : fields;
}

function withSubButton(button: unknown): Fields {
  const fields = fieldsOf(button);
  const subs = Array.isArray(fields.sub_button) ? fields.sub_button : [];
  return { ...fields, sub_button: subs.map(withSubButton) };
}
