import * as v from 'valibot';
import { account } from '../../lib/account.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, route } from '../../lib/http/endpoint.ts';
import { badParameter } from '../../lib/http/error.ts';
import { openid, openidList, tagId } from '../../lib/http/fields.ts';
import { form, query } from '../../lib/http/input.ts';
import type { WeChat } from '../../lib/wechat/client.ts';
import { followersOf, tagFollowers, tagsOf, untagFollowers } from '../../lib/wechat/user-tags.ts';

const TagOrFollower = v.object({ tagid: v.optional(tagId), openid: v.optional(openid) });
const Tagging = v.object({ openid_list: openidList, tagid: tagId });

export const userTags = (wechat: WeChat) => [
  route('GET /cgi-bin/user/tags', 'user-tags:read', query(TagOrFollower), ({ tagid, openid }, { deadline }) => {
    if (tagid !== undefined) return followersOf(wechat, tagid, openid, deadline);
    if (openid !== undefined) return tagsOf(wechat, openid, deadline);
    throw badParameter('tagid or openid is missing');
  }),
  route(
    'PUT /cgi-bin/user/tags',
    'user-tags:write',
    form(Tagging),
    (tagging, { deadline }) => tagFollowers(wechat, { ...tagging, deadline }),
    ({ tagid }) => tagid,
  ),
  route(
    'DELETE /cgi-bin/user/tags',
    'user-tags:write',
    form(Tagging),
    (tagging, { deadline }) => untagFollowers(wechat, { ...tagging, deadline }),
    ({ tagid }) => tagid,
  ),
];

export const handler = endpoint(userTags(account()), backOffice());
