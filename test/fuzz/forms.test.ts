import fc from 'fast-check';
import { interactions } from '../../functions/interactions/handler.ts';
import { menu } from '../../functions/menu/handler.ts';
import { remark } from '../../functions/remark/handler.ts';
import { replyRules } from '../../functions/reply-rules/handler.ts';
import { tags } from '../../functions/tags/handler.ts';
import { userTags } from '../../functions/user-tags/handler.ts';
import { endpoint } from '../../lib/http/endpoint.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import { pendingTable } from '../../lib/tables/pending.ts';
import { replyRulesTable } from '../../lib/tables/reply-rules.ts';
import type { WeChat } from '../../lib/wechat/api/client.ts';
import { call, multipart } from '../support/events.ts';
import { EMPTY, NOW, now, OFFICE } from './office.ts';
import { fuzzed } from './runs.ts';

const wechat: WeChat = async () => ({ errcode: 0, errmsg: 'ok', tag: { id: 100, name: 'x' }, tags: [] });
const answering = {
  ...{ wechat, now, sleep: async () => undefined },
  history: history(EMPTY, 'interactions', { shards: 2, retentionDays: undefined, now }),
  pending: pendingTable(EMPTY, 'pending', now),
};
const ruling = { rules: replyRulesTable(EMPTY, 'reply-rules'), now, random: () => 0.5 };

const handler = endpoint(
  [
    ...remark(wechat),
    ...tags(wechat),
    ...userTags(wechat),
    ...menu(wechat),
    ...interactions(answering),
    ...replyRules(ruling),
  ],
  OFFICE,
);

const REQUESTS = [
  ...['PUT /cgi-bin/user/remark', 'PUT /cgi-bin/user/tags', 'DELETE /cgi-bin/user/tags', 'GET /cgi-bin/user/tags'],
  ...[
    'POST /cgi-bin/tags',
    'PUT /cgi-bin/tags',
    'DELETE /cgi-bin/tags',
    'POST /cgi-bin/menu',
    'POST /interactions/oAny',
  ],
  ...['POST /reply-rules', 'PUT /reply-rules/1', 'POST /reply-rules/try'],
];
const FIELDS = [
  ...['openid', 'remark', 'openid_list', 'openid_list[]', 'tagid', 'id', 'name', 'tag', '__proto__', 'constructor', ''],
  ...[
    'button',
    'sub_button',
    'type',
    'key',
    'url',
    'msgtype',
    'text',
    'content',
    'news',
    'articles',
    'msgmenu',
    'list',
  ],
  ...['condition', 'any_of', 'comparison', 'value', 'answer', 'replies', 'window', 'time_zone', 'enabled', 'position'],
  ...['message', 'deliveries', 'delivery', 'xml', 'event', 'rule'],
];

const request = fc.constantFrom(...REQUESTS).map((each) => each.replace(' ', ' /api/v0.1'));
const field = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...FIELDS) }, fc.string({ maxLength: 8 }));
const known = fc.constantFrom(
  'text',
  'click',
  'anything',
  'contains',
  'random',
  'oAny',
  '{{1}}',
  '2',
  'null',
  '[]',
  '(a+)+$',
);
const text = fc.oneof(known, fc.string({ unit: 'binary', maxLength: 30 }));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.constantFrom(null, true, 0, -1, 1e21, 2 ** 53),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(field, tie('value')), { maxLength: 6 }).map((pairs) => Object.fromEntries(pairs)),
  ),
}));
const type = fc.constantFrom(
  ...[
    'application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
  ],
  ...['multipart/form-data; boundary=', 'text/plain', '', 'application/json; charset=utf-16'],
);

/** Whatever came, it was the caller's fault, or WeChat was asked: never ours. */
const isAnswered = ({ status = 0 }: { status?: number | undefined }): void => {
  expect(status).toBeGreaterThanOrEqual(200);
  expect(status).toBeLessThan(500);
};

it('any JSON is answered or refused', async () => {
  await fuzzed(
    fc.asyncProperty(request, value, async (asked, body) => {
      const headers = { 'content-type': 'application/json' };
      isAnswered(await call(handler, asked, { token: 'any', headers, body: JSON.stringify(body) }));
    }),
    1_500,
  );
});

it('any fields of a form are answered or refused, urlencoded, as multipart and in the query', async () => {
  await fuzzed(
    fc.asyncProperty(request, fc.array(fc.tuple(field, text), { maxLength: 6 }), async (asked, fields) => {
      const body = new URLSearchParams(fields);
      isAnswered(await call(handler, asked, { token: 'any', body }));
      isAnswered(await call(handler, asked, { token: 'any', query: body.toString() }));
      isAnswered(
        await call(handler, asked, { token: 'any', ...(await multipart(fields.filter(([name]) => name !== ''))) }),
      );
    }),
    300,
  );
});

it('any bytes under any content type, with any query, are answered or refused', async () => {
  const bytes = fc.uint8Array({ maxLength: 120 }).map((all) => Buffer.from(all));
  const parts = fc
    .array(
      fc.constantFrom(
        '--x\r\n',
        '--x--',
        'Content-Disposition: form-data; name="openid"',
        '\r\n',
        '\0',
        'a=b',
        '%',
        '&&=',
      ),
    )
    .map((all) => Buffer.from(all.join('')));
  await fuzzed(
    fc.asyncProperty(request, type, fc.oneof(bytes, parts), text, async (asked, contentType, body, query) => {
      const headers = { 'content-type': contentType };
      isAnswered(await call(handler, asked, { token: 'any', headers, body, query, time: NOW }));
    }),
    500,
  );
});
