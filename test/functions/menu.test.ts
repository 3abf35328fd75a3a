import { backOffice } from '../../lib/http/back-office.ts';
import { BASE_PATH, endpoint } from '../../lib/http/endpoint.ts';
import { ORIGINAL_MENU } from '../fixtures/menu.ts';
import { signedIn } from '../support/account.ts';
import { backOfficeApi } from '../support/back-office-api.ts';
import { call } from '../support/events.ts';
import { refusedInput } from '../support/refused.ts';

const PATH = '/cgi-bin/menu';

const OK = { errcode: 0, errmsg: 'ok' };

const api = backOfficeApi('menu');

it('creates, answers and deletes the menu, as the original API documents it', async () => {
  expect(await api.post(PATH, ORIGINAL_MENU)).toEqual({ status: 200, json: OK });

  const [click, parent] = ORIGINAL_MENU.button;
  expect(await api.get(PATH)).toEqual({
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

  expect((await api.delete(PATH)).json).toEqual(OK);
  expect((await api.get(PATH)).json).toMatchObject({ errcode: 46003 });
});

it('takes back what it answered', async () => {
  await api.post(PATH, ORIGINAL_MENU);
  const { menu } = (await api.get(PATH)).json as { menu: unknown };
  expect((await api.post(PATH, menu)).json).toEqual(OK);
});

it.each([
  ['plain text', (text: string) => ({ body: text, headers: { 'content-type': 'text/plain' } })],
  ['a base64 body', (text: string) => ({ body: Buffer.from(text) })],
])('reads WeChat JSON sent as %s', async (_, sent) => {
  const button = [{ type: 'click', name: '早安☀', key: '&<>"' }];
  expect((await api.send(`POST ${PATH}`, sent(JSON.stringify({ button })))).json).toEqual(OK);
  expect(api.account.state.menu).toMatchObject(button);
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
  [
    { button: Array(4).fill(ORIGINAL_MENU.button[0]) },
    40016,
    'invalid button size',
    'button has 4 buttons, 1 to 3 allowed',
  ],
  [{ menu: ORIGINAL_MENU }, 40016, 'invalid button size', 'the body must be {"button": […]}, not wrapped in "menu"'],
])("refuses %j in WeChat's words, without asking it", async (body, errcode, errmsg, detail) => {
  const before = api.account.state.usage['/cgi-bin/menu/create day']?.count;
  expect(await api.post(PATH, body)).toEqual({ status: 200, json: { errcode, errmsg, detail } });
  expect(api.account.state.usage['/cgi-bin/menu/create day']?.count).toBe(before);
});

it.each([
  ['', {}],
  ['{"button": [', {}],
])('answers 400 to the body %j', async (body, headers) => {
  expect(await api.send(`POST ${PATH}`, { body, headers })).toEqual({
    status: 400,
    json: refusedInput('the body is not well-formed JSON'),
  });
});

it.each([
  ['POST', 'menu:write', 'menu:read'],
  ['GET', 'menu:read', 'menu:write'],
  ['DELETE', 'menu:write', 'menu:read'],
] as const)('%s asks for %s; %s is not enough', async (method, needed, other) => {
  const sent = method === 'POST' ? { body: ORIGINAL_MENU } : {};
  expect(await api.send(`${method} ${PATH}`, { ...sent, token: await signedIn([needed]) })).toMatchObject({
    status: 200,
  });
  expect(await api.send(`${method} ${PATH}`, { ...sent, token: await signedIn([other]) })).toEqual({
    status: 403,
    json: { errcode: 403, errmsg: 'not permitted', detail: `needs the permission ${needed}` },
  });
});

it('reads the token once and then keeps it', async () => {
  const { invocations } = api.account;
  await api.get(PATH);
  await api.get(PATH);
  expect(invocations).toEqual([{ name: 'access-token', payload: {} }]);
});

describe('a menu that is meant for some followers', () => {
  it.each([
    ['matchrule', { ...ORIGINAL_MENU, matchrule: { tag_id: '2' } }],
    ['matchrule', { ...ORIGINAL_MENU, matchrule: null }],
    ['matchRule', { ...ORIGINAL_MENU, matchRule: {} }],
    ['match_rule', { ...ORIGINAL_MENU, match_rule: {} }],
    ['conditionalmenu', { ...ORIGINAL_MENU, conditionalmenu: [{ ...ORIGINAL_MENU, matchrule: { tag_id: '2' } }] }],
  ])('is refused for its %s, and the menu of all stays', async (path, body) => {
    await api.post(PATH, { button: [{ type: 'click', name: '大家', key: 'ALL' }] });
    expect(await api.post(PATH, body)).toMatchObject({
      status: 400,
      json: {
        errcode: -1,
        detail: expect.stringContaining('个性化菜单'),
        issues: [{ path, code: 'unsupported' }],
      },
    });
    expect(api.account.state.menu).toMatchObject([{ name: '大家' }]);
  });

  it('is refused when a whole answer with conditional menus is sent back', async () => {
    const body = { menu: ORIGINAL_MENU, conditionalmenu: [] };
    expect(await api.post(PATH, body)).toMatchObject({ status: 400 });
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
  await call(handler, `POST ${BASE_PATH}${PATH}`, {
    body: { button, menuid: 430000000, theme: { dark: true } },
    token: api.token,
  });
  expect(asked).toEqual([{ button, theme: { dark: true } }]);
});
