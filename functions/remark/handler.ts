import * as v from 'valibot';
import { account } from '../../lib/account.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, route } from '../../lib/http/endpoint.ts';
import { openid } from '../../lib/http/fields.ts';
import { form } from '../../lib/http/input.ts';
import type { WeChat } from '../../lib/wechat/client.ts';
import { setRemark } from '../../lib/wechat/remark.ts';

const Remark = v.strictObject({ openid, remark: v.string('must be text') });

export const remark = (wechat: WeChat) => [
  route(
    'PUT /cgi-bin/user/remark',
    'remark:write',
    form(Remark),
    ({ openid, remark }, { deadline }) => setRemark(wechat, openid, remark, deadline),
    ({ openid }) => openid,
  ),
];

export const handler = endpoint(remark(account()), backOffice());
