import * as v from 'valibot';
import { account } from '../../lib/account.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, route } from '../../lib/http/endpoint.ts';
import { json, nothing } from '../../lib/http/input.ts';
import type { WeChat } from '../../lib/wechat/client.ts';
import { createMenu, deleteMenu, getMenu } from '../../lib/wechat/menu.ts';

export const menu = (wechat: WeChat) => [
  route('POST /cgi-bin/menu', 'menu:write', json(v.unknown()), (body, { deadline }) =>
    createMenu(wechat, body, deadline),
  ),
  route('GET /cgi-bin/menu', 'menu:read', nothing, (_, { deadline }) => getMenu(wechat, deadline)),
  route('DELETE /cgi-bin/menu', 'menu:write', nothing, (_, { deadline }) => deleteMenu(wechat, deadline)),
];

export const handler = endpoint(menu(account()), backOffice());
