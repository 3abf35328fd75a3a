import { TAGS } from '../../lib/contract/tags.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, wechatRoutesOf } from '../../lib/http/endpoint.ts';
import { account } from '../../lib/wechat/account.ts';
import type { WeChatClient } from '../../lib/wechat/api/client.ts';
import { createTag, listTags, removeTag, renameTag } from '../../lib/wechat/api/tags.ts';

export const tags = (client: WeChatClient) => {
  const route = wechatRoutesOf(TAGS, client);
  return [
    route(
      'POST /cgi-bin/tags',
      'tags:write',
      ({ name }, { wechat }) => createTag(wechat, name),
      ({ name }) => name,
    ),
    route('GET /cgi-bin/tags', 'tags:read', (_, { wechat }) => listTags(wechat)),
    route(
      'PUT /cgi-bin/tags',
      'tags:write',
      ({ id, name }, { wechat }) => renameTag(wechat, id, name),
      ({ id }) => id,
    ),
    route(
      'DELETE /cgi-bin/tags',
      'tags:write',
      ({ id }, { wechat }) => removeTag(wechat, id),
      ({ id }) => id,
    ),
  ];
};

export const handler = endpoint(tags(account()), backOffice());
