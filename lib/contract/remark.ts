import * as v from 'valibot';
import type { Contracts } from './contract.ts';
import { openid } from './fields.ts';
import { wechatDone } from './wechat.ts';

export const REMARK = {
  'PUT /cgi-bin/user/remark': {
    form: v.strictObject({ openid, remark: v.string('must be a string') }),
    response: wechatDone,
  },
} as const satisfies Contracts;
