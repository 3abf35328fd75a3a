import { TAGS } from '../../lib/contract/tags.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, routesOf } from '../../lib/http/endpoint.ts';
import { account } from '../../lib/wechat/account.ts';
import type { WeChat } from '../../lib/wechat/api/client.ts';
import { createTag, listTags, removeTag, renameTag } from '../../lib/wechat/api/tags.ts';

const route = routesOf(TAGS);

export const tags = (wechat: WeChat) => [
  route(
    'POST /cgi-bin/tags',
    'tags:write',
    ({ name }, { deadline }) => createTag(wechat, name, deadline),
    ({ name }) => name,
  ),
  route('GET /cgi-bin/tags', 'tags:read', (_, { deadline }) => listTags(wechat, deadline)),
  route(
    'PUT /cgi-bin/tags',
    'tags:write',
    ({ id, name }, { deadline }) => renameTag(wechat, id, name, deadline),
    ({ id }) => id,
  ),
  route(
    'DELETE /cgi-bin/tags',
    'tags:write',
    ({ id }, { deadline }) => removeTag(wechat, id, deadline),
    ({ id }) => id,
  ),
];

export const handler = endpoint(tags(account()), backOffice());
