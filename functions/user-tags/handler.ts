import * as v from 'valibot';
import { account } from '../../lib/account.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, route } from '../../lib/http/endpoint.ts';
import { badParameter } from '../../lib/http/error.ts';
import { openid, openidList, tagId } from '../../lib/http/fields.ts';
import { form, query } from '../../lib/http/input.ts';
import type { WeChat } from '../../lib/wechat/client.ts';
import { followersOf, tagFollowers, tagsOf, untagFollowers } from '../../lib/wechat/user-tags.ts';

/** The page of a tag that WeChat ended with `next_openid` is followed by the one that begins there; empty is the first. */
const next_openid = v.pipe(v.string(), v.regex(/^[\w-]{0,128}$/, 'must be the next_openid of the page before'));
const TagOrFollower = v.strictObject({
  tagid: v.optional(tagId),
  openid: v.optional(openid),
  next_openid: v.optional(next_openid),
});
const Tagging = v.strictObject({ openid_list: openidList, tagid: tagId });

export const userTags = (wechat: WeChat) => [
  route('GET /cgi-bin/user/tags', 'user-tags:read', query(TagOrFollower), (asked, { deadline }) => {
    const { tagid, openid } = asked;
    if (tagid !== undefined) return followersOf(wechat, tagid, beginningOf(asked), deadline);
    if (openid === undefined) throw badParameter('', 'tagid or openid is missing', 'missing');
    if (asked.next_openid !== undefined) throw badParameter('next_openid', 'goes with tagid', 'unsupported');
    return tagsOf(wechat, openid, deadline);
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

/** Where a page begins: behind an openid, by either name. */
function beginningOf({ openid, next_openid }: v.InferOutput<typeof TagOrFollower>): string | undefined {
  if (openid === undefined || next_openid === undefined || openid === next_openid) return next_openid ?? openid;
  throw badParameter('next_openid', 'differs from openid; one of them is enough', 'duplicate');
}

export const handler = endpoint(userTags(account()), backOffice());
