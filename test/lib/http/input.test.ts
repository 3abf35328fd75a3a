import * as v from 'valibot';
import { endpoint, route } from '../../../lib/http/endpoint.ts';
import { openid, openidList, tagId, text } from '../../../lib/http/fields.ts';
import { form, type Input, json, nothing, query } from '../../../lib/http/input.ts';
import { call, multipart } from '../../support/events.ts';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const KEYS = ['GET', 'POST', 'DELETE'] as const;

/** An endpoint that answers what it took. */
const echo = <T>(input: Input<T>) =>
  endpoint(
    KEYS.map((method) => route(`${method} /echo`, 'public', input, (taken) => ({ taken }))),
    { recognise: async () => undefined, now: Date.now, audit: { append: async () => {} } },
  );

const ask = async <T>(input: Input<T>, method: (typeof KEYS)[number], sent: Parameters<typeof call>[2] = {}) => {
  const { status, json } = await call(echo(input), `${method} /api/v0.1/echo`, sent);
  return status === 200 ? (json as { taken: unknown }).taken : { status, ...(json as object) };
};

const bad = (detail: string) => ({ status: 400, errcode: -1, errmsg: '参数缺失或参数错误', detail });

const anything = v.record(v.string(), v.unknown());

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
    ['a=&b', { a: '', b: '' }],
    ['', {}],
  ])('%j is %j', async (body, fields) => {
    expect(await ask(form(anything), 'POST', { body, headers: { 'content-type': FORM } })).toEqual(fields);
  });

  it('is read from the query of DELETE too; the body wins', async () => {
    const sent = { query: 'id=1&name=q&list=a&list=b', body: new URLSearchParams({ name: 'b' }) };
    expect(await ask(form(anything), 'DELETE', sent)).toEqual({ id: '1', name: 'b', list: ['a', 'b'] });
    expect(await ask(form(anything), 'POST', sent)).toEqual({ name: 'b' });
  });

  it.each(['__proto__', 'constructor', 'toString'])('with a field named %s changes nobody else', async (field) => {
    const shape = v.object({ name: v.string() });
    const body = new URLSearchParams({ [field]: 'x', [`${field}[name]`]: 'x', [`${field}.name`]: 'x' });
    expect(await ask(form(shape), 'POST', { body })).toEqual(bad('name is missing'));
    expect({}).not.toHaveProperty('name');
  });

  it('takes no file where text is asked for', async () => {
    const files = new FormData();
    files.append('name', new Blob(['x']), 'x.txt');
    const response = new Response(files);
    const body = Buffer.from(await response.arrayBuffer());
    const headers = { 'content-type': response.headers.get('content-type') ?? '' };
    expect(await ask(form(v.object({ name: v.string('must be text') })), 'POST', { body, headers })).toEqual(
      bad('name: must be text'),
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
  const ofBytes = (bytes: number) => `"${'界'.repeat(Math.floor((bytes - 2) / 3))}${'x'.repeat((bytes - 2) % 3)}"`;

  it('may have one mebibyte', async () => {
    expect(await ask(json(v.string()), 'POST', { body: ofBytes(MEBIBYTE) })).toHaveLength(349_526);
  });

  it.each([
    ['JSON', json(v.unknown()), {}],
    ['a form', form(anything), { 'content-type': FORM }],
  ])('of one byte more is 413 (%s)', async (_, input, headers) => {
    const answer = { status: 413, errcode: 413, errmsg: 'body too large', detail: 'at most 1048576 bytes' };
    expect(await ask(input as Input<unknown>, 'POST', { body: ofBytes(MEBIBYTE + 1), headers })).toEqual(answer);
    expect(await ask(input as Input<unknown>, 'POST', { body: Buffer.from(ofBytes(MEBIBYTE + 1)), headers })).toEqual(
      answer,
    );
  });

  it('of JSON is read whatever its content type says', async () => {
    const sent = { body: '{"a":[1,{"b":"界"}]}', headers: { 'content-type': FORM } };
    expect(await ask(json(v.unknown()), 'POST', sent)).toEqual({ a: [1, { b: '界' }] });
  });

  it.each(['', '{', 'name=x', '{"a":1}}'])('%j is not JSON', async (body) => {
    expect(await ask(json(v.unknown()), 'POST', { body })).toEqual(bad('the body is not well-formed JSON'));
  });
});

describe('the query', () => {
  const shape = v.object({ tagid: v.optional(tagId), openid: v.optional(openid) });

  it('is decoded', async () => {
    expect(await ask(query(anything), 'GET', { query: 'a=%E5%B9%BF+%26&b=' })).toEqual({ a: '广 &', b: '' });
  });

  it('may lack what is optional and hold what nobody asked for', async () => {
    expect(await ask(query(shape), 'GET', { query: 'tagid=7&x=1' })).toEqual({ tagid: 7 });
  });

  it.each([
    ['tagid=1&tagid=1', 'tagid is given 2 times'],
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

it('a body is not looked at where nothing is taken', async () => {
  expect(await ask(nothing, 'POST', { body: '{' })).toBeUndefined();
});

describe('the fields', () => {
  const one = <S extends v.GenericSchema>(field: S, value: unknown) =>
    ask(form(v.object({ field })), 'POST', { body: { field: value } });

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
    ['oA,,oB', 'field.1: must be an openid: letters, digits, - and _, at most 128'],
    ['[]', 'field: must name at least one openid'],
    ['["oA", "oB"', 'field.0: must be an openid: letters, digits, - and _, at most 128'],
    ['[1]', 'field.0: must be an openid'],
    [7, 'field: must be a list of openids'],
    [[['oA']], 'field.0: must be an openid'],
  ])('openids are not listed as %j', async (given, detail) => {
    expect(await one(openidList, given)).toEqual(bad(detail));
  });

  it('text is not empty', async () => {
    expect(await one(text, ' x ')).toEqual({ field: ' x ' });
    expect(await one(text, '')).toEqual(bad('field: must not be empty'));
    expect(await one(text, 1)).toEqual(bad('field: must be text'));
  });
});
