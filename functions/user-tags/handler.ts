import type { InputOf } from '../../lib/contract/contract.ts';
import { USER_TAGS } from '../../lib/contract/user-tags.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, type Request, routesOf, showingFollowers } from '../../lib/http/endpoint.ts';
import { badParameter } from '../../lib/http/error.ts';
import { account } from '../../lib/wechat/account.ts';
import type { WeChat } from '../../lib/wechat/api/client.ts';
import { followersOf, tagFollowers, tagsOf, untagFollowers } from '../../lib/wechat/api/user-tags.ts';

const route = routesOf(USER_TAGS);

export const userTags = (wechat: WeChat) => [
  showingFollowers(
    route(
      'GET /cgi-bin/user/tags',
      'user-tags:read',
      (asked, { deadline }) => {
        const { tagid, openid } = asked;
        if (tagid !== undefined) return followersOf(wechat, tagid, beginningOf(asked), deadline);
        if (openid === undefined) throw badParameter('', 'tagid or openid is missing', 'missing');
        if (asked.next_openid !== undefined) throw badParameter('next_openid', 'goes with tagid', 'unsupported');
        return tagsOf(wechat, openid, deadline);
      },
      ({ tagid, openid }) => tagid ?? openid,
    ),
  ),
  route(
    'PUT /cgi-bin/user/tags',
    'user-tags:write',
    (tagging, request) => tagFollowers(wechat, noted(tagging, request)),
    ({ tagid }) => tagid,
  ),
  route(
    'DELETE /cgi-bin/user/tags',
    'user-tags:write',
    (tagging, request) => untagFollowers(wechat, noted(tagging, request)),
    ({ tagid }) => tagid,
  ),
];

/** Where a page begins: behind an openid, by either name. */
function beginningOf({
  openid,
  next_openid,
}: InputOf<(typeof USER_TAGS)['GET /cgi-bin/user/tags']>): string | undefined {
  if (openid === undefined || next_openid === undefined || openid === next_openid) return next_openid ?? openid;
  throw badParameter('next_openid', 'differs from openid; one of them is enough', 'duplicate');
}

/** The audit names the followers whom a call tags or untags. */
function noted(tagging: InputOf<(typeof USER_TAGS)['PUT /cgi-bin/user/tags']>, { note, deadline }: Request) {
  note.followers = tagging.openid_list;
  return { ...tagging, deadline };
}

export const handler = endpoint(userTags(account()), backOffice());
