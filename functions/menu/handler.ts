import { MENU } from '../../lib/contract/menu.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, wechatRoutesOf } from '../../lib/http/endpoint.ts';
import { badParameter } from '../../lib/http/error.ts';
import { account } from '../../lib/wechat/account.ts';
import type { WeChatClient } from '../../lib/wechat/api/client.ts';
import { createMenu, deleteMenu, getMenu } from '../../lib/wechat/api/menu.ts';

export const menu = (client: WeChatClient) => {
  const route = wechatRoutesOf(MENU, client);
  return [
    route('POST /cgi-bin/menu', 'menu:write', (body, { wechat }) => createMenu(wechat, forEveryone(body))),
    route('GET /cgi-bin/menu', 'menu:read', (_, { wechat }) => getMenu(wechat)),
    route('DELETE /cgi-bin/menu', 'menu:write', (_, { wechat }) => deleteMenu(wechat)),
  ];
};

/** In any spelling: WeChat ignores fields it does not know, and the menu would be everyone's. */
const OF_CONDITIONAL_MENUS = /^(match_?rules?|conditional_?menus?)$/i;

/**
 * A menu for all followers.
 * @throws HttpError 400 for one that is meant for some of them
 */
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
