import { MENU } from '../../lib/contract/menu.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, routesOf } from '../../lib/http/endpoint.ts';
import { badParameter } from '../../lib/http/error.ts';
import { account } from '../../lib/wechat/account.ts';
import type { WeChat } from '../../lib/wechat/api/client.ts';
import { createMenu, deleteMenu, getMenu } from '../../lib/wechat/api/menu.ts';

const route = routesOf(MENU);

export const menu = (wechat: WeChat) => [
  route('POST /cgi-bin/menu', 'menu:write', (body, { deadline }) => createMenu(wechat, forEveryone(body), deadline)),
  route('GET /cgi-bin/menu', 'menu:read', (_, { deadline }) => getMenu(wechat, deadline)),
  route('DELETE /cgi-bin/menu', 'menu:write', (_, { deadline }) => deleteMenu(wechat, deadline)),
];

/** However it is spelled: WeChat passes over what it does not know, and the menu would be everyone's. */
const OF_CONDITIONAL_MENUS = /^(match_?rules?|conditional_?menus?)$/i;

/** A menu for all followers: one that is meant for some of them is refused. */
function forEveryone<T extends object>(body: T): T {
  const name = Object.keys(body).find((each) => OF_CONDITIONAL_MENUS.test(each));
  if (name === undefined) return body;
  throw badParameter(
    name,
    'belongs to a conditional menu (个性化菜单); this is the menu of all followers',
    'unsupported',
  );
}

export const handler = endpoint(menu(account()), backOffice());
