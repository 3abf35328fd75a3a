import * as v from 'valibot';
import { account } from '../../lib/account.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, route } from '../../lib/http/endpoint.ts';
import { returned, tagId } from '../../lib/http/fields.ts';
import { form, nothing } from '../../lib/http/input.ts';
import type { WeChat } from '../../lib/wechat/client.ts';
import { createTag, listTags, removeTag, renameTag } from '../../lib/wechat/tags.ts';

const name = v.string('must be text');
const NewTag = v.strictObject({ name });
const RenamedTag = v.strictObject({ id: tagId, name, count: returned });
const OldTag = v.strictObject({ id: tagId });

export const tags = (wechat: WeChat) => [
  route(
    'POST /cgi-bin/tags',
    'tags:write',
    form(NewTag),
    ({ name }, { deadline }) => createTag(wechat, name, deadline),
    ({ name }) => name,
  ),
  route('GET /cgi-bin/tags', 'tags:read', nothing, (_, { deadline }) => listTags(wechat, deadline)),
  route(
    'PUT /cgi-bin/tags',
    'tags:write',
    form(RenamedTag),
    ({ id, name }, { deadline }) => renameTag(wechat, id, name, deadline),
    ({ id }) => id,
  ),
  route(
    'DELETE /cgi-bin/tags',
    'tags:write',
    form(OldTag),
    ({ id }, { deadline }) => removeTag(wechat, id, deadline),
    ({ id }) => id,
  ),
];

export const handler = endpoint(tags(account()), backOffice());
