import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import * as v from 'valibot';
import { openid, openidList, tagId } from '../../../lib/contract/fields.ts';
import { endpoint } from '../../../lib/http/endpoint.ts';
import { call, event, multipart } from '../../support/events.ts';
import { form, json, nothing, query, type RouteInput, route } from '../../support/routes.ts';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const KEYS = ['GET', 'POST', 'DELETE'] as const;

/** An endpoint that answers what it took. */
const echo = (input: RouteInput) =>
  endpoint(
    KEYS.map((method) => route(`${method} /echo`, 'public', input, (taken) => ({ taken }))),
    {
      authenticate: async () => undefined,
      now: Date.now,
      audit: { append: async () => {}, appendRead: async () => {} },
    },
  );

const ask = async (input: RouteInput, method: (typeof KEYS)[number], sent: Parameters<typeof call>[2] = {}) => {
  const { status, json } = await call(echo(input), `${method} /api/v0.1/echo`, sent);
  return status === 200 ? (json as { taken: unknown }).taken : { status, ...(json as object) };
};

/** A 400 whose issues say the same as its detail. */
const bad = (detail: string) => ({
  status: 400,
  errcode: -1,
  errmsg: '参数缺失或参数错误',
  detail,
  issues: detail.split('; ').map(() => ({
    path: expect.any(String),
    code: expect.stringMatching(/^[a-z_]+$/),
    message: expect.stringMatching(/./),
  })),
});

const unread = v.optional(v.unknown());
const anything = v.strictObject({ name: unread, a: unread, b: unread, id: unread, list: unread });

describe('a form', () => {
  const bytes = (fields: URLSearchParams) => ({
    body: Buffer.from(fields.toString()),
    headers: { 'content-type': FORM },
  });
  const name = ' 广东 & + = % 😀 "\\ ';

  it.each([
    ['urlencoded', async () => ({ body: new URLSearchParams({ name }) })],
    ['urlencoded in base64', async () => bytes(new URLSearchParams({ name }))],
    ['multipart', () => multipart([['name', name]])],
    ['JSON', async () => ({ body: { name } })],
    [
      'JSON in base64',
      async () => ({
        body: Buffer.from(JSON.stringify({ name })),
        headers: { 'content-type': `${JSON_TYPE};charset=utf-8` },
      }),
    ],
  ])('%s comes out as it was put in', async (_, sent) => {
    expect(await ask(form(anything), 'POST', await sent())).toEqual({ name });
  });

  it.each([
    ['a=1', { a: '1' }],
    ['a=1&a=2', { a: ['1', '2'] }],
    ['a[]=1', { a: ['1'] }],
    ['a[]=1&a[]=2', { a: ['1', '2'] }],
    ['a[0]=1', { a: ['1'] }],
    ['a%5B1%5D=2&a%5B0%5D=1', { a: ['1', '2'] }],
    ['a[0]=1&a[7]=2', { a: ['1', '2'] }],
    ['a=&b', { a: '', b: '' }],
    ['', {}],
  ])('%j is %j', async (body, fields) => {
    expect(await ask(form(anything), 'POST', { body, headers: { 'content-type': FORM } })).toEqual(fields);
  });

  it('is read from the query of DELETE too, beside the body, but no field from both', async () => {
    const sent = { query: 'id=1&list=a&list=b', body: new URLSearchParams({ name: 'b' }) };
    expect(await ask(form(anything), 'DELETE', sent)).toEqual({ id: '1', name: 'b', list: ['a', 'b'] });
    expect(await ask(form(anything), 'POST', sent)).toMatchObject(
      bad('id is unknown: no field is accepted here; list is unknown: no field is accepted here'),
    );
    expect(await ask(form(anything), 'DELETE', { ...sent, query: 'name=b' })).toEqual(
      bad('name is given in the query and in the body'),
    );
  });

  it.each(['__proto__', 'constructor', 'toString'])('with a field named %s changes nobody else', async (field) => {
    const shape = v.strictObject({ name: v.string() });
    const body = new URLSearchParams({ [field]: 'x', [`${field}[name]`]: 'x', [`${field}.name`]: 'x' });
    expect(await ask(form(shape), 'POST', { body })).toMatchObject({
      status: 400,
      issues: [
        ...[field, `${field}[name]`, `${field}.name`].map((path) => ({ path, code: 'unknown' })),
        { path: 'name' },
      ],
    });
    expect({}).not.toHaveProperty('name');
  });

  it('takes no file where text is asked for', async () => {
    const files = new FormData();
    files.append('name', new Blob(['x']), 'x.txt');
    const response = new Response(files);
    const body = Buffer.from(await response.arrayBuffer());
    const headers = { 'content-type': response.headers.get('content-type') ?? '' };
    expect(await ask(form(v.strictObject({ name: v.string('must be a string') })), 'POST', { body, headers })).toEqual(
      bad('name: must be a string'),
    );
  });

  it.each([
    ['no content type', {}],
    ['text/plain', { 'content-type': 'text/plain' }],
    ['application/xml', { 'content-type': 'application/xml' }],
  ])('of %s is 415', async (_, headers) => {
    expect(await ask(form(anything), 'POST', { body: 'name=x', headers })).toEqual({
      status: 415,
      errcode: 415,
      errmsg: 'unsupported media type',
      detail: 'send multipart/form-data, application/x-www-form-urlencoded or application/json',
    });
  });

  it.each([
    [
      'multipart without a boundary',
      'multipart/form-data',
      'name=x',
      'the body is not well-formed multipart/form-data',
    ],
    [
      'multipart cut short',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
      'the body is not well-formed multipart/form-data',
    ],
    ['broken JSON', JSON_TYPE, '{"a":', 'the body is not well-formed JSON'],
    ['JSON 33 deep', JSON_TYPE, `${'['.repeat(33)}1${']'.repeat(33)}`, 'the body is nested deeper than 32 levels'],
    [
      'JSON 100,000 deep',
      JSON_TYPE,
      '['.repeat(100_000) + ']'.repeat(100_000),
      'the body is nested deeper than 32 levels',
    ],
    ['a JSON list', JSON_TYPE, '[1]', 'the body is not a JSON object'],
    ['JSON null', JSON_TYPE, 'null', 'the body is not a JSON object'],
  ])('%s is 400', async (_, type, body, detail) => {
    expect(await ask(form(anything), 'POST', { body, headers: { 'content-type': type } })).toEqual(bad(detail));
  });
});

describe('a body', () => {
  const MEBIBYTE = 1024 * 1024;
  const ofBytes = (bytes: number) =>
    `{"name":"${'界'.repeat(Math.floor((bytes - 11) / 3))}${'x'.repeat((bytes - 11) % 3)}"}`;

  it('may have one mebibyte', async () => {
    expect(await ask(json(anything), 'POST', { body: ofBytes(MEBIBYTE) })).toHaveProperty('name.length', 349_523);
  });

  it.each([
    ['JSON', json(v.looseObject({})), {}],
    ['a form', form(anything), { 'content-type': FORM }],
  ])('of one byte more is 413 (%s)', async (_, input, headers) => {
    const answer = { status: 413, errcode: 413, errmsg: 'body too large', detail: 'at most 1048576 bytes' };
    expect(await ask(input, 'POST', { body: ofBytes(MEBIBYTE + 1), headers })).toEqual(answer);
    expect(await ask(input, 'POST', { body: Buffer.from(ofBytes(MEBIBYTE + 1)), headers })).toEqual(answer);
  });

  it('of JSON is read whatever its content type says', async () => {
    const sent = { body: '{"a":[1,{"b":"界"}]}', headers: { 'content-type': FORM } };
    expect(await ask(json(v.looseObject({})), 'POST', sent)).toEqual({ a: [1, { b: '界' }] });
  });

  it.each(['', '{', 'name=x', '{"a":1}}', '{"a":1,}', "{'a':1}", '{"a":NaN}'])('%j is not JSON', async (body) => {
    expect(await ask(json(v.looseObject({})), 'POST', { body })).toEqual(bad('the body is not well-formed JSON'));
  });
});

describe('the query', () => {
  const shape = v.strictObject({ tagid: v.optional(tagId), openid: v.optional(openid) });

  it('is decoded', async () => {
    expect(await ask(query(anything), 'GET', { query: 'a=%E5%B9%BF+%26&b=' })).toEqual({ a: '广 &', b: '' });
  });

  it('may lack what is optional', async () => {
    expect(await ask(query(shape), 'GET', { query: 'tagid=7' })).toEqual({ tagid: 7 });
  });

  it.each([
    ['tagid=1&tagid=1', 'tagid is given 2 times'],
    ['tagid=7&x=1', 'x is unknown (allowed: tagid, openid)'],
    ['tagid=7&=1', '[""] is unknown (allowed: tagid, openid)'],
    ['tagid=7&tagid[]=7', 'tagid[] is unknown (allowed: tagid, openid)'],
    ['tagid=7&__proto__=1', '__proto__ is unknown (allowed: tagid, openid)'],
    ['openid=%BB%E1', 'the query is not UTF-8'],
    ['openid=%EF%BF%BD%EF%BF%BD', 'the query is not UTF-8'],
    ['%EF%BF%BD=1', 'the query is not UTF-8'],
    ['tagid=-1', 'tagid: must be the number of a tag'],
    [
      'tagid=1.5&openid=',
      'tagid: must be the number of a tag; openid: must be an openid: letters, digits, - and _, at most 128',
    ],
    [`openid=${'o'.repeat(129)}`, 'openid: must be an openid: letters, digits, - and _, at most 128'],
  ])('%s is 400', async (asked, detail) => {
    expect(await ask(query(shape), 'GET', { query: asked })).toEqual(bad(detail));
  });
});

describe('where nothing is taken', () => {
  it('a body may be null, as it is under serverless-offline', async () => {
    const made = { ...event('GET /api/v0.1/echo'), body: null } as unknown as APIGatewayProxyEventV2;
    expect(await echo(nothing)(made, {} as Context)).toMatchObject({ statusCode: 200 });
  });

  it.each(KEYS)('%s may come with nothing, or with an empty object', async (method) => {
    expect(await ask(nothing, method)).toBeUndefined();
    expect(await ask(nothing, method, { body: {} })).toBeUndefined();
  });

  it.each(KEYS)('a parameter and a field of %s are named', async (method) => {
    expect(await ask(nothing, method, { query: 'x=1' })).toEqual(bad('x is unknown: no field is accepted here'));
    expect(await ask(nothing, method, { body: { y: 1 } })).toEqual(bad('y is unknown: no field is accepted here'));
    expect(await ask(nothing, method, { body: new URLSearchParams('z=') })).toEqual(
      bad('z is unknown: no field is accepted here'),
    );
  });

  it('a body that cannot be read is not passed over', async () => {
    expect(await ask(nothing, 'POST', { body: '{' })).toEqual(bad('the body is not well-formed JSON'));
    expect(await ask(nothing, 'DELETE', { body: 'hello' })).toMatchObject({ status: 415 });
  });
});

describe('no byte is guessed', () => {
  const GBK = Buffer.from([0x6e, 0x61, 0x6d, 0x65, 0x3d, 0xbb, 0xe1, 0xd4, 0xb1]);
  const shape = v.strictObject({ name: v.string() });
  const typed = (type: string) => ({ 'content-type': type });

  it.each([
    ['percent-encoded', { body: 'name=%BB%E1%D4%B1', headers: typed(FORM) }],
    ['percent-encoded in lower case, cut in the middle of a character', { body: 'name=%e4%bd', headers: typed(FORM) }],
    ['raw', { body: GBK, headers: typed(FORM) }],
    ['in a name', { body: '%BB%E1=x&name=x', headers: typed(FORM) }],
    ['in JSON', { body: Buffer.concat([Buffer.from('{"name":"'), GBK, Buffer.from('"}')]), headers: typed(JSON_TYPE) }],
    ['that API Gateway has replaced already', { body: '{"name":"\uFFFD\uFFFD"}', headers: typed(JSON_TYPE) }],
    [
      'in multipart',
      {
        body: Buffer.concat([
          Buffer.from('--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n'),
          GBK,
          Buffer.from('\r\n--b--\r\n'),
        ]),
        headers: typed('multipart/form-data; boundary=b'),
      },
    ],
    ['of UTF-16', { body: Buffer.from('\uFEFF{"name":"会员"}', 'utf16le'), headers: typed(JSON_TYPE) }],
  ])('bytes that are no UTF-8 are refused: %s', async (_, sent) => {
    expect(await ask(form(shape), 'POST', sent)).toEqual(bad('the body is not UTF-8'));
  });

  it.each([
    `${FORM}; charset=gbk`,
    `${FORM};charset="GB18030"`,
    `${JSON_TYPE}; CHARSET=utf-16`,
    `${JSON_TYPE}; charset=utf-8; charset=gbk`,
    'multipart/form-data; boundary=b; charset=big5',
  ])('the charset of %s is refused', async (type) => {
    for (const input of [form(shape), json(shape)]) {
      expect(await ask(input, 'POST', { body: 'name=x', headers: typed(type) })).toMatchObject({
        status: 415,
        detail: expect.stringMatching(/^the charset \S+ is not supported: send UTF-8$/),
      });
    }
  });

  it('nor is the charset of a part of multipart', async () => {
    const boundary = 'x'.repeat(30);
    const part = (charset: string) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="name"\r\nContent-Type: text/plain; charset=${charset}\r\n\r\nx; charset=gbk\r\n--${boundary}--\r\n`;
    const sent = (charset: string) => ({
      body: part(charset),
      headers: typed(`multipart/form-data; boundary=${boundary}`),
    });
    expect(await ask(form(shape), 'POST', sent('gbk'))).toMatchObject({ status: 415 });
    expect(await ask(form(shape), 'POST', sent('UTF-8'))).toEqual({ name: 'x; charset=gbk' });
  });

  it.each(['utf-8', 'UTF8', '"utf-8"', 'us-ascii', ''])('the charset %j is read', async (charset) => {
    const sent = { body: 'name=%E4%BC%9A', headers: typed(`${FORM}; charset=${charset}`) };
    expect(await ask(form(shape), 'POST', sent)).toEqual({ name: '会' });
  });
});

describe('JSON', () => {
  const shape = v.strictObject({ name: v.string('must be a string') });
  const sent = (body: string) => ({ body, headers: { 'content-type': JSON_TYPE } });

  it.each([
    ['a form', { 'content-type': FORM }],
    ['multipart', { 'content-type': 'multipart/form-data' }],
    ['text', { 'content-type': 'text/plain' }],
    ['nothing', {}],
  ])('is read as a form though it says that it is %s', async (_, headers) => {
    expect(await ask(form(shape), 'POST', { body: ' {"name":"会员"}', headers })).toEqual({ name: '会员' });
    expect(await ask(form(shape), 'POST', { body: '{"name":', headers })).toEqual(
      bad('the body is not well-formed JSON'),
    );
  });

  it('may begin with a byte order mark', async () => {
    expect(await ask(json(shape), 'POST', sent('\uFEFF{"name":"会员"}'))).toEqual({ name: '会员' });
    expect(await ask(form(shape), 'POST', sent('\uFEFF{"name":"会员"}'))).toEqual({ name: '会员' });
  });

  it.each([
    ['{"name":"a","name":"b"}', 'name is given twice', 'duplicate'],
    ['{"name":"a","__proto__":{"x":1}}', '__proto__ is not a valid field name', 'unknown'],
    ['{"name":"a","constructor":1}', 'constructor is not a valid field name', 'unknown'],
    ['{"name":"a","":1}', '[""] is not a valid field name', 'unknown'],
    ['{"name":"\\ud83d"}', 'name has half an emoji (a lone surrogate)', 'malformed'],
    ['{"name":"a","deep":[{"a":["\\udc00"]}]}', 'deep[0].a[0] has half an emoji (a lone surrogate)', 'malformed'],
    ['{"name":1e400}', 'the number 1e400 is too large or too small', 'invalid_value'],
    ['{"name":1e-400}', 'the number 1e-400 is too large or too small', 'invalid_value'],
    ['{"name":9007199254740993}', 'the number 9007199254740993 is too large or too small', 'invalid_value'],
    ['{"name":{"name":"a"}}', 'name: must be a string', 'invalid_type'],
    ['{"name":["a"]}', 'name: must be a string', 'invalid_type'],
    ['{"name":null}', 'name: must be a string', 'invalid_type'],
    ['["name"]', 'the body is not a JSON object', 'invalid_type'],
    ['"name"', 'the body is not a JSON object', 'invalid_type'],
  ])('%s is refused', async (body, detail, code) => {
    expect(await ask(json(shape), 'POST', sent(body))).toMatchObject({ status: 400, detail, issues: [{ code }] });
  });

  it('keeps the digits of what goes on to WeChat, to 64 bits', async () => {
    const passedOn = json(v.looseObject({}));
    const { body } = await call(echo(passedOn), 'POST /api/v0.1/echo', sent('{"msgid":25231685381080001}'));
    expect(body).toBe('{"taken":{"msgid":25231685381080001}}');
    expect(await ask(passedOn, 'POST', sent('{"msgid":18446744073709551616}'))).toMatchObject({ status: 400 });
  });
});

describe('a refusal', () => {
  it('names the place, the kind and the problem of each issue', async () => {
    const body = { name: 7, list: 'x', c: 1 };
    const shape = v.strictObject({ name: v.string('must be a string'), tagid: tagId, list: v.array(v.string()) });
    expect(await ask(json(shape), 'POST', { body })).toMatchObject({
      status: 400,
      errcode: -1,
      detail: expect.stringMatching(
        /^c is unknown \(allowed: name, tagid, list\); name: must be a string; tagid is missing; list/,
      ),
      issues: [
        { path: 'c', code: 'unknown', message: 'is unknown (allowed: name, tagid, list)' },
        { path: 'name', code: 'invalid_type', message: 'must be a string' },
        { path: 'tagid', code: 'missing', message: 'is missing' },
        { path: 'list', code: 'invalid_type' },
      ],
    });
  });

  const MEBIBYTE = 1024 * 1024;
  const filled = (entry: string) => entry.repeat(Math.floor((MEBIBYTE - 100) / Buffer.byteLength(entry)));

  it.each([
    ['500,000 wrong entries', `{"list":[${filled('1,')}1]}`],
    ['100,000 unknown fields', `{${Array.from({ length: 70_000 }, (_, at) => `"field${at}":1`).join(',')}}`],
    ['an unknown field with a name of a megabyte', `{"${filled('界')}":1}`],
    ['text of a megabyte where a list is taken', `{"list":"${filled('x')}"}`],
    ['500,000 halves of emoji', `{"list":[${filled('"\\ud83d",')}1]}`],
    ['names that JavaScript knows', `{"list":[${filled('{"valueOf":1},')}1]}`],
  ])('of %s is short and counts what it does not tell', async (_, body) => {
    const shape = v.strictObject({ list: v.array(v.picklist(['a'])) });
    const response = await call(echo(json(shape)), 'POST /api/v0.1/echo', { body });
    const { issues, detail } = response.json as { issues: object[]; detail: string };
    expect(response.status).toBe(400);
    expect(issues.length).toBeLessThanOrEqual(10);
    if (issues.length === 10) expect(detail).toMatch(/; and \d+ more$/);
    expect(response.body.length).toBeLessThan(8_192);
  });

  it('of a form is as short', async () => {
    for (const body of [filled('x=&'), filled('界'), filled('a[0]=&'), filled('%')]) {
      const response = await call(echo(form(anything)), 'POST /api/v0.1/echo', {
        body,
        headers: { 'content-type': FORM },
      });
      expect(response.status).toBe(400);
      expect(response.body.length).toBeLessThan(8_192);
    }
  });
});

describe('the fields', () => {
  const one = <S extends v.GenericSchema>(field: S, value: unknown) =>
    ask(form(v.strictObject({ field })), 'POST', { body: { field: value } });

  it.each([
    ['134', 134],
    [134, 134],
    ['0', 0],
  ])('a tag may be named by %j', async (given, id) => {
    expect(await one(tagId, given)).toEqual({ field: id });
  });

  it.each([null, true, [1], {}, '', '1e3', ' 1', '0x10', 1.5, '1234567890123456'])(
    'a tag is not named by %j',
    async (given) => {
      expect(await one(tagId, given)).toEqual(bad('field: must be the number of a tag'));
    },
  );

  it.each([
    ['oA', ['oA']],
    ['oA, oB ,oC', ['oA', 'oB', 'oC']],
    ['["oA","oB"]', ['oA', 'oB']],
    [' ["oA"] ', ['oA']],
    [
      ['oA', 'oB'],
      ['oA', 'oB'],
    ],
  ])('openids may be listed as %j', async (given, list) => {
    expect(await one(openidList, given)).toEqual({ field: list });
  });

  it.each([
    ['oA,,oB', 'field[1]: must be an openid: letters, digits, - and _, at most 128'],
    ['[]', 'field: must name at least one openid'],
    ['["oA", "oB"', 'field[0]: must be an openid: letters, digits, - and _, at most 128'],
    ['[1]', 'field[0]: must be an openid'],
    [7, 'field: must be a list of openids'],
    [[['oA']], 'field[0]: must be an openid'],
  ])('openids are not listed as %j', async (given, detail) => {
    expect(await one(openidList, given)).toEqual(bad(detail));
  });
});
