import { REMARK } from '../../lib/contract/remark.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, wechatRoutesOf } from '../../lib/http/endpoint.ts';
import { account } from '../../lib/wechat/account.ts';
import type { WeChatClient } from '../../lib/wechat/api/client.ts';
import { setRemark } from '../../lib/wechat/api/remark.ts';

export const remark = (client: WeChatClient) => {
  const route = wechatRoutesOf(REMARK, client);
  return [
    route(
      'PUT /cgi-bin/user/remark',
      'remark:write',
      ({ openid, remark }, { wechat }) => setRemark(wechat, openid, remark),
      ({ openid }) => openid,
    ),
  ];
};

export const handler = endpoint(remark(account()), backOffice());
