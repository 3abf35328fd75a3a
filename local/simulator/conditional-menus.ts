import { type Apis, bodyOf, isFields, OK, textOf } from './call.ts';
import { asRead, leavesOf, readButtons } from './menu-buttons.ts';
import { menuBodyOf } from './menus.ts';
import { Refusal } from './refusal.ts';
import type { AccountState, ConditionalMenu, Follower } from './state.ts';

const PRIVATE = ['sex', 'country', 'province', 'city', 'language'];
const DOMAINS = 3;

/** Menus for some of the followers. The newest that matches is displayed, else the default menu. */
export const conditionalMenuApis: Apis = {
  'POST /cgi-bin/menu/addconditional': ({ account, raw }) => {
    const body = menuBodyOf(raw);
    if (!account.menu) throw new Refusal(65303);
    if (body.button === undefined) throw new Refusal(65307);
    const matchrule = readMatchrule(account, body.matchrule);
    const button = readButtons(body.button, { top: 65308, sub: 65308 });
    const added: ConditionalMenu = { menuid: account.next_menuid, button, matchrule };
    if (domainsOf([...account.conditional_menus, added]).size > DOMAINS) throw new Refusal(65316);
    account.conditional_menus.unshift(added);
    account.next_menuid += 1;
    return { menuid: String(added.menuid) };
  },
  'POST /cgi-bin/menu/delconditional': ({ account, raw }) => {
    const { menuid } = bodyOf(raw);
    const index = account.conditional_menus.findIndex((each) => String(each.menuid) === String(menuid));
    if (index < 0) throw new Refusal(65301);
    account.conditional_menus.splice(index, 1);
    return OK;
  },
  'POST /cgi-bin/menu/trymatch': ({ account, raw }) => {
    const follower = Object.values(account.followers).find(({ openid }) => openid === bodyOf(raw).user_id);
    if (!follower?.subscribe) throw new Refusal(65302);
    const button = account.conditional_menus.find((menu) => matches(menu, follower))?.button ?? account.menu;
    if (!button) throw new Refusal(46003);
    return { button: asRead(button) };
  },
};

function readMatchrule(account: AccountState, value: unknown): Record<string, string> {
  const rule = isFields(value) ? value : {};
  if (PRIVATE.some((field) => rule[field] !== undefined && rule[field] !== '')) throw new Refusal(65320);
  const [tag_id, client_platform_type] = [String(rule.tag_id ?? ''), textOf(rule, 'client_platform_type')];
  if (tag_id === '' && client_platform_type === '') throw new Refusal(65304);
  if (tag_id !== '' && !account.tags.some(({ id }) => String(id) === tag_id)) throw new Refusal(45159);
  return { ...(tag_id && { tag_id }), ...(client_platform_type && { client_platform_type }) };
}

function matches({ matchrule }: ConditionalMenu, follower: Follower): boolean {
  const { tag_id, client_platform_type } = matchrule;
  if (tag_id && tag_id !== String(follower.tagid_list.at(-1))) return false;
  return !client_platform_type || client_platform_type === follower.client_platform_type;
}

function domainsOf(menus: readonly ConditionalMenu[]): Set<string> {
  const urls = menus.flatMap(({ button }) => leavesOf(button)).map((leaf) => textOf(leaf, 'url'));
  return new Set(urls.filter((url) => url !== '').map((url) => new URL(url).hostname));
}
