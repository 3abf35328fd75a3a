import { type Apis, bodyOf, type Fields, OK } from './call.ts';
import { asRead, asSelfmenu, readButtons } from './menu-buttons.ts';
import { Refusal } from './refusal.ts';

/** The default menu: replaced as a whole, deleted together with all conditional menus. */
export const menuApis: Apis = {
  'POST /cgi-bin/menu/create': ({ account, raw }) => {
    account.menu = readButtons(menuBodyOf(raw).button, { top: 40017, sub: 40024 });
    return OK;
  },
  'GET /cgi-bin/menu/get': ({ account }) => {
    if (!account.menu) throw new Refusal(46003);
    const menu = { button: asRead(account.menu) };
    if (account.conditional_menus.length === 0) return { menu };
    return {
      menu: { ...menu, menuid: 430000000 },
      conditionalmenu: account.conditional_menus.map((each) => ({ ...each, button: asRead(each.button) })),
    };
  },
  'GET /cgi-bin/menu/delete': ({ account }) => {
    account.menu = null;
    account.conditional_menus = [];
    return OK;
  },
  'GET /cgi-bin/get_current_selfmenu_info': ({ account }) => ({
    is_menu_open: account.menu ? 1 : 0,
    selfmenu_info: { button: asSelfmenu(account.menu ?? []) },
  }),
};

/** The JSON of a menu call. @throws Refusal 40016 for a byte order mark, 40033 for an escaped character (`\u4f60`) */
export function menuBodyOf(raw: string): Fields {
  if (raw.startsWith('\uFEFF')) throw new Refusal(40016);
  if (/(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}/.test(raw)) throw new Refusal(40033);
  return bodyOf(raw);
}
