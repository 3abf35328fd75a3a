import * as v from 'valibot';
import type { Contracts } from './contract.ts';
import { openid, openidList, tagId } from './fields.ts';
import { wechatDone, wechatResult } from './wechat.ts';

/** The page of a tag that WeChat ended with `next_openid` is followed by the one that begins there; empty is the first. */
const next_openid = v.pipe(v.string(), v.regex(/^[\w-]{0,128}$/, 'must be the next_openid of the page before'));

const Tagging = v.strictObject({ openid_list: openidList, tagid: tagId });

export const USER_TAGS = {
  'GET /cgi-bin/user/tags': {
    query: v.strictObject({
      tagid: v.optional(tagId),
      openid: v.optional(openid),
      next_openid: v.optional(next_openid),
    }),
    response: wechatResult(
      {
        count: v.number(),
        data: v.exactOptional(v.looseObject({ openid: v.array(v.string()) })),
        next_openid: v.exactOptional(v.string()),
      },
      { tagid_list: v.array(v.number()) },
    ),
  },
  'PUT /cgi-bin/user/tags': { form: Tagging, response: wechatDone },
  'DELETE /cgi-bin/user/tags': { form: Tagging, response: wechatDone },
} as const satisfies Contracts;
