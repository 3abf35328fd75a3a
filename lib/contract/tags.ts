import * as v from 'valibot';
import type { Contracts } from './contract.ts';
import { returned, tagId } from './fields.ts';
import { wechatDone, wechatResult } from './wechat.ts';

const name = v.string('must be a string');
const Tag = v.looseObject({ id: v.number(), name: v.string() });

export const TAGS = {
  'POST /cgi-bin/tags': { form: v.strictObject({ name }), response: wechatResult({ tag: Tag }) },
  'GET /cgi-bin/tags': {
    response: wechatResult({ tags: v.array(v.looseObject({ ...Tag.entries, count: v.number() })) }),
  },
  'PUT /cgi-bin/tags': { form: v.strictObject({ id: tagId, name, count: returned }), response: wechatDone },
  'DELETE /cgi-bin/tags': { form: v.strictObject({ id: tagId }), response: wechatDone },
} as const satisfies Contracts;
