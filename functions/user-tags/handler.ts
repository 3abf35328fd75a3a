import type { InputOf } from '../../lib/contract/contract.ts';
import { USER_TAGS } from '../../lib/contract/user-tags.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, showingFollowers, wechatRoutesOf } from '../../lib/http/endpoint.ts';
import { badParameter } from '../../lib/http/error.ts';
import { account } from '../../lib/wechat/account.ts';
import type { WeChatClient } from '../../lib/wechat/api/client.ts';
import { followersOf, tagFollowers, tagsOf, untagFollowers } from '../../lib/wechat/api/user-tags.ts';

export const userTags = (client: WeChatClient) => {
  const route = wechatRoutesOf(USER_TAGS, client);
  return [
    showingFollowers(
      route(
        'GET /cgi-bin/user/tags',
        'user-tags:read',
        (input, { wechat }) => {
          const { tagid, openid } = input;
          if (tagid !== undefined) return followersOf(wechat, tagid, beginningOf(input));
          if (openid === undefined) throw badParameter('', 'tagid or openid is missing', 'missing');
          if (input.next_openid !== undefined) throw badParameter('next_openid', 'goes with tagid', 'unsupported');
          return tagsOf(wechat, openid);
        },
        ({ tagid, openid }) => tagid ?? openid,
      ),
    ),
    route(
      'PUT /cgi-bin/user/tags',
      'user-tags:write',
      (tagging, { wechat, auditContext }) => {
        auditContext.followers = tagging.openid_list;
        return tagFollowers(wechat, tagging);
      },
      ({ tagid }) => tagid,
    ),
    route(
      'DELETE /cgi-bin/user/tags',
      'user-tags:write',
      (tagging, { wechat, auditContext }) => {
        auditContext.followers = tagging.openid_list;
        return untagFollowers(wechat, tagging);
      },
      ({ tagid }) => tagid,
    ),
  ];
};

/** The openid after which a page begins, by either name. */
function beginningOf({
  openid,
  next_openid,
}: InputOf<(typeof USER_TAGS)['GET /cgi-bin/user/tags']>): string | undefined {
  if (openid === undefined || next_openid === undefined || openid === next_openid) return next_openid ?? openid;
  throw badParameter('next_openid', 'differs from openid; one of them is enough', 'duplicate');
}

export const handler = endpoint(userTags(account()), backOffice());
