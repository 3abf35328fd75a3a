import { REMARK } from '../../lib/contract/remark.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, routesOf } from '../../lib/http/endpoint.ts';
import { account } from '../../lib/wechat/account.ts';
import type { WeChat } from '../../lib/wechat/api/client.ts';
import { setRemark } from '../../lib/wechat/api/remark.ts';

const route = routesOf(REMARK);

export const remark = (wechat: WeChat) => [
  route(
    'PUT /cgi-bin/user/remark',
    'remark:write',
    ({ openid, remark }, { deadline }) => setRemark(wechat, openid, remark, deadline),
    ({ openid }) => openid,
  ),
];

export const handler = endpoint(remark(account()), backOffice());
