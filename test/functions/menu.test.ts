import { backOffice } from '../../lib/http/back-office.ts';
import { type Endpoint, endpoint } from '../../lib/http/endpoint.ts';
import { signedIn, startAccount } from '../support/account.ts';
import { call } from '../support/events.ts';
import { refusedInput } from '../support/refused.ts';
import { makeTables } from '../support/tables.ts';

const POST = 'POST /api/v0.1/cgi-bin/menu';
const GET = 'GET /api/v0.1/cgi-bin/menu';
const DELETE = 'DELETE /api/v0.1/cgi-bin/menu';

/** The original API's example. */
const MENU = {
  button: [
    { type: 'click', name: '今日歌曲', key: 'V1001_TODAY_MUSIC' },
    {
      name: '菜单',
      sub_button: [
        { type: 'view', name: '搜索', url: 'http://www.soso.com/' },
        { type: 'click', name: '赞一下我们', key: 'V1001_GOOD' },
      ],
    },
  ],
};
const OK = { errcode: 0, errmsg: 'ok' };

let account: Awaited<ReturnType<typeof startAccount>>;
let handler: Endpoint;
let token: string;

beforeAll(async () => {
  await makeTables();
  account = await startAccount();
  handler = await account.handler('menu');
  token = await signedIn();
});
afterAll(() => account.stop());

it('creates, answers and deletes the menu, as the original API documents it', async () => {
  const created = await call(handler, POST, { body: MENU, token });
  expect({ status: created.status, json: created.json }).toEqual({ status: 200, json: OK });

  const { status, json } = await call(handler, GET, { token });
  const [click, parent] = MENU.button;
  expect({ status, json }).toEqual({
    status: 200,
    json: {
      menu: {
        button: [
          { ...click, sub_button: [] },
          { name: '菜单', sub_button: parent?.sub_button?.map((leaf) => ({ ...leaf, sub_button: [] })) },
        ],
      },
    },
  });

  expect((await call(handler, DELETE, { token })).json).toEqual(OK);
  expect((await call(handler, GET, { token })).json).toMatchObject({ errcode: 46003 });
});

it('takes back what it answered', async () => {
  await call(handler, POST, { body: MENU, token });
  const { menu } = (await call(handler, GET, { token })).json as { menu: unknown };
  expect((await call(handler, POST, { body: menu, token })).json).toEqual(OK);
});

it.each([
  ['plain text', (text: string) => ({ body: text, headers: { 'content-type': 'text/plain' } })],
  ['a base64 body', (text: string) => ({ body: Buffer.from(text) })],
])('reads WeChat JSON sent as %s', async (_, sent) => {
  const button = [{ type: 'click', name: '早安☀', key: '&<>"' }];
  expect((await call(handler, POST, { ...sent(JSON.stringify({ button })), token })).json).toEqual(OK);
  expect(account.state.menu).toMatchObject(button);
});

it.each([
  [
    { button: [{ type: 'click', name: '十七个字节的名字', key: 'k' }] },
    40018,
    'invalid button name size',
    'button[0].name is 24 bytes, at most 16',
  ],
  [
    { button: [{ name: 'm', sub_button: [{ type: 'view', name: '菜'.repeat(21), url: 'http://x.cn/' }] }] },
    40025,
    'invalid sub button name size',
    'button[0].sub_button[0].name is 63 bytes, at most 60',
  ],
  [{ button: Array(4).fill(MENU.button[0]) }, 40016, 'invalid button size', 'button has 4 buttons, 1 to 3 allowed'],
  [{ menu: MENU }, 40016, 'invalid button size', 'the body must be {"button": […]}, not wrapped in "menu"'],
])("refuses %j in WeChat's words, without asking it", async (body, errcode, errmsg, detail) => {
  const before = account.state.usage['/cgi-bin/menu/create day']?.count;
  const { status, json } = await call(handler, POST, { body, token });
  expect({ status, json }).toEqual({ status: 200, json: { errcode, errmsg, detail } });
  expect(account.state.usage['/cgi-bin/menu/create day']?.count).toBe(before);
});

it.each([
  ['', {}],
  ['{"button": [', {}],
])('answers 400 to the body %j', async (body, headers) => {
  const { status, json } = await call(handler, POST, { body, headers, token });
  expect({ status, json }).toEqual({
    status: 400,
    json: refusedInput('the body is not well-formed JSON'),
  });
});

it.each([
  [POST, 'menu:write', 'menu:read'],
  [GET, 'menu:read', 'menu:write'],
  [DELETE, 'menu:write', 'menu:read'],
] as const)('%s asks for %s; %s is not enough', async (request, needed, other) => {
  const sent = request === POST ? { body: MENU } : {};
  expect((await call(handler, request, { ...sent, token: await signedIn([needed]) })).status).toBe(200);
  const { status, json } = await call(handler, request, { ...sent, token: await signedIn([other]) });
  expect({ status, json }).toEqual({
    status: 403,
    json: { errcode: 403, errmsg: 'not permitted', detail: `needs the permission ${needed}` },
  });
});

it('reads the token once and then keeps it', async () => {
  const { invocations } = account;
  await call(handler, GET, { token });
  await call(handler, GET, { token });
  expect(invocations).toEqual([{ name: 'access-token', payload: {} }]);
});

describe('a menu that is meant for some followers', () => {
  it.each([
    ['matchrule', { ...MENU, matchrule: { tag_id: '2' } }],
    ['matchrule', { ...MENU, matchrule: null }],
    ['matchRule', { ...MENU, matchRule: {} }],
    ['match_rule', { ...MENU, match_rule: {} }],
    ['conditionalmenu', { ...MENU, conditionalmenu: [{ ...MENU, matchrule: { tag_id: '2' } }] }],
  ])('is refused for its %s, and the menu of all stays', async (path, body) => {
    await call(handler, POST, { body: { button: [{ type: 'click', name: '大家', key: 'ALL' }] }, token });
    expect(await call(handler, POST, { body, token })).toMatchObject({
      status: 400,
      json: {
        errcode: -1,
        detail: expect.stringContaining('个性化菜单'),
        issues: [{ path, code: 'unsupported' }],
      },
    });
    expect(account.state.menu).toMatchObject([{ name: '大家' }]);
  });

  it('is refused when a whole answer with conditional menus is sent back', async () => {
    const body = { menu: MENU, conditionalmenu: [] };
    expect(await call(handler, POST, { body, token })).toMatchObject({ status: 400 });
  });
});

it('takes back the menuid that it answered, and passes on what nobody here has heard of', async () => {
  const { menu } = await import('../../functions/menu/handler.ts');
  const asked: unknown[] = [];
  const routes = menu(async (_, request) => {
    asked.push(request?.body);
    return OK;
  });
  const handler = endpoint(routes, backOffice());
  const button = [{ type: 'click', name: '大家', key: 'ALL', colour: 'red' }];
  await call(handler, POST, { body: { button, menuid: 430000000, theme: { dark: true } }, token });
  expect(asked).toEqual([{ button, theme: { dark: true } }]);
});
