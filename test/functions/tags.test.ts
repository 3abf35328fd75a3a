import { signedIn } from '../support/account.ts';
import { backOfficeApi } from '../support/back-office-api.ts';
import { multipart } from '../support/events.ts';
import { refusedInput } from '../support/refused.ts';

const TAGS = '/cgi-bin/tags';
const OK = { errcode: 0, errmsg: 'ok' };

const api = backOfficeApi('tags');
beforeEach(() => {
  api.account.state.tags = [{ id: 2, name: '星标组' }];
  api.account.state.next_tagid = 134;
});

it('creates, lists, renames and deletes a tag, as the original API documents it', async () => {
  expect(await api.send(`POST ${TAGS}`, await multipart([['name', '广东']]))).toEqual({
    status: 200,
    json: { tag: { id: 134, name: '广东' } },
  });
  expect(await api.get(TAGS)).toEqual({
    status: 200,
    json: {
      tags: [
        { id: 2, name: '星标组', count: 0 },
        { id: 134, name: '广东', count: 0 },
      ],
    },
  });
  const renamed = await multipart([
    ['id', '134'],
    ['name', '广东人'],
  ]);
  expect(await api.send(`PUT ${TAGS}`, renamed)).toEqual({ status: 200, json: OK });
  expect(api.account.state.tags).toContainEqual({ id: 134, name: '广东人' });
  expect(await api.send(`DELETE ${TAGS}`, await multipart([['id', '134']]))).toEqual({ status: 200, json: OK });
  expect(api.account.state.tags).toEqual([{ id: 2, name: '星标组' }]);
});

describe('takes the same fields', () => {
  const name = ' 北京&上海=😀+';

  it.each([
    ['multipart/form-data', () => multipart([['name', name]])],
    ['application/x-www-form-urlencoded', async () => ({ body: new URLSearchParams({ name }) })],
    [
      'base64 of it',
      async () => ({
        body: Buffer.from(String(new URLSearchParams({ name }))),
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
      }),
    ],
    ['application/json', async () => ({ body: { name } })],
    [
      'base64 of JSON',
      async () => ({ body: Buffer.from(JSON.stringify({ name })), headers: { 'Content-Type': 'Application/JSON' } }),
    ],
  ])('as %s', async (_, sent) => {
    expect(await api.send(`POST ${TAGS}`, await sent())).toEqual({ status: 200, json: { tag: { id: 134, name } } });
  });

  it.each([
    ['the query', async () => ({ query: { id: '134' } })],
    ['a form', () => multipart([['id', '134']])],
    ['JSON, as a number', async () => ({ body: { id: 134 } })],
    ['JSON, as text', async () => ({ body: { id: '134' } })],
  ])('of DELETE in %s', async (_, sent) => {
    api.account.state.tags.push({ id: 134, name: '广东' });
    expect(await api.send(`DELETE ${TAGS}`, await sent())).toEqual({ status: 200, json: OK });
    expect(api.account.state.tags).toHaveLength(1);
  });
});

it.each([
  ['POST', {}, 'name is missing'],
  ['POST', { name: 7 }, 'name: must be a string'],
  ['PUT', { name: 'x' }, 'id is missing'],
  ['PUT', { id: 134 }, 'name is missing'],
  ['PUT', { id: '1e3', name: 'x' }, 'id: must be the number of a tag'],
  ['DELETE', {}, 'id is missing'],
  ['DELETE', { id: -1 }, 'id: must be the number of a tag'],
])('says what is wrong with %s %j', async (method, body, detail) => {
  expect(await api.send(`${method} ${TAGS}`, { body })).toEqual({
    status: 400,
    json: refusedInput(detail),
  });
});

it.each([
  ['POST', { name: '名'.repeat(11) }, 45158, 'name is 33 bytes, at most 30'],
  ['POST', { name: '' }, 45157, 'name is empty'],
  ['PUT', { id: 2, name: 'x' }, 45058, 'id 2 is a system tag (0, 1, 2)'],
  ['DELETE', { id: 0 }, 45058, 'id 0 is a system tag (0, 1, 2)'],
])("refuses %s %j in WeChat's place", async (method, body, errcode, detail) => {
  expect(await api.send(`${method} ${TAGS}`, { body })).toEqual({
    status: 200,
    json: { errcode, errmsg: expect.stringMatching(/\S/), detail },
  });
});

it("passes WeChat's refusal of a name that is taken on", async () => {
  expect(await api.post(TAGS, { name: '星标组' })).toEqual({
    status: 200,
    json: { errcode: 45157, errmsg: expect.stringMatching(/^invalid tag name/) },
  });
});

it.each([
  ['GET', 'tags:read', 'tags:write'],
  ['POST', 'tags:write', 'tags:read'],
  ['PUT', 'tags:write', 'tags:read'],
  ['DELETE', 'tags:write', 'tags:read'],
] as const)('%s asks for %s; %s is not enough', async (method, needed, other) => {
  const body = { GET: undefined, POST: { name: '广东' }, PUT: { id: 134, name: '广东' }, DELETE: { id: 134 } }[method];
  api.account.state.tags.push(...(method === 'POST' ? [] : [{ id: 134, name: '湖南' }]));
  expect(await api.send(`${method} ${TAGS}`, { body, token: await signedIn([needed]) })).toMatchObject({ status: 200 });
  expect(await api.send(`${method} ${TAGS}`, { body, token: await signedIn([other]) })).toMatchObject({
    status: 403,
    json: { detail: `needs the permission ${needed}` },
  });
});

it('takes back the count that it answered, which is not read', async () => {
  api.account.state.tags.push({ id: 134, name: '广东' });
  const listed = (await api.get(TAGS)).json as { tags: { id: number }[] };
  const tag = listed.tags.find(({ id }) => id === 134);
  expect(tag).toHaveProperty('count');
  expect(await api.put(TAGS, { ...tag, name: '湖南' })).toMatchObject({ json: OK });
  expect(api.account.state.tags).toContainEqual({ id: 134, name: '湖南' });
});

it.each([
  ['declared', { 'content-type': 'application/x-www-form-urlencoded; charset=gbk' }, 415],
  ['silent', { 'content-type': 'application/x-www-form-urlencoded' }, 400],
])('makes no tag of what was GBK (%s)', async (_, headers, status) => {
  const before = api.account.state.tags.length;
  expect(await api.send(`POST ${TAGS}`, { body: 'name=%BB%E1%D4%B1', headers })).toMatchObject({ status });
  expect(api.account.state.tags).toHaveLength(before);
});

it('reads JSON that curl calls a form', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  expect(await api.send(`POST ${TAGS}`, { body: '{"name":"会员"}', headers })).toMatchObject({
    status: 200,
    json: { tag: { name: '会员' } },
  });
});
