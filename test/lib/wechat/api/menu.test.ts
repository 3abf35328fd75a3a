import { BUTTON_TYPES, checkMenu, createMenu, deleteMenu, getMenu } from '../../../../lib/wechat/api/menu.ts';
import { ORIGINAL_MENU } from '../../../fixtures/menu.ts';
import { wechatThatAnswers } from './played-wechat.ts';

const OK = { errcode: 0, errmsg: 'ok' };

/** A button nobody would question. Say only what the test is about. */
const click = (but: object = {}) => ({ type: 'click', name: '赞', key: 'GOOD', ...but });
const view = (but: object = {}) => ({ type: 'view', name: '看', url: 'https://example.com/', ...but });
const mini = (but: object = {}) => ({
  type: 'miniprogram',
  name: '程序',
  url: 'http://mp.weixin.qq.com',
  appid: 'wx286b93c14bbf93aa',
  pagepath: 'pages/lunar/index',
  ...but,
});
const top = (...button: unknown[]) => ({ button });
const sub = (...sub_button: unknown[]) => top(click(), { name: '菜单', sub_button });
const url = (bytes: number) => 'https://example.com/'.padEnd(bytes, 'x');

const VALUES = {
  key: 'KEY',
  url: 'https://example.com/',
  appid: 'wx286b93c14bbf93aa',
  pagepath: 'pages/index',
  media_id: 'MEDIA_ID1',
  article_id: 'ARTICLE_ID1',
} as const;

describe('a menu WeChat takes', () => {
  it('is sent as the original documentation writes it', async () => {
    const { call, sent } = wechatThatAnswers(OK);

    await expect(createMenu(call, ORIGINAL_MENU)).resolves.toEqual(OK);
    expect(sent).toEqual([{ path: '/cgi-bin/menu/create', body: ORIGINAL_MENU }]);
  });

  it.each(Object.entries(BUTTON_TYPES))('may have %s buttons on both levels, which need %j', (type, fields) => {
    const button = { type, name: '按钮', ...Object.fromEntries(fields.map((field) => [field, VALUES[field]])) };

    expect(checkMenu(top(button))).toEqual(top(button));
    expect(checkMenu(sub(button))).toEqual(sub(button));
  });

  it.each<[string, unknown]>([
    ['a top name of 16 bytes', top(click({ name: '五个汉字字x' }))],
    ['a sub name of 60 bytes', sub(click({ name: '二十个字'.repeat(5) }))],
    ['a key of 128 bytes', top(click({ key: 'k'.repeat(128) }))],
    ['a url of 1024 bytes', top(view({ url: url(1024) }))],
    ['three buttons', top(click(), click(), click())],
    ['five sub-buttons', sub(click(), click(), click(), click(), click())],
    ['an emoji in a name', top(click({ name: '赞😀' }))],
    ['a field we do not know', top(click({ colour: 'red' }))],
  ])('may have %s', (_, menu) => {
    expect(checkMenu(menu)).toEqual(menu);
  });

  it('may be what menu/get answered: empty sub_button lists are dropped', () => {
    const read = top(click({ sub_button: [] }), {
      name: '菜单',
      sub_button: [click({ sub_button: [] }), view({ sub_button: [] })],
    });

    expect(checkMenu({ ...read, menuid: 208396938 })).toEqual(
      top(click(), { name: '菜单', sub_button: [click(), view()] }),
    );
  });
});

describe('a menu is refused before WeChat is asked', () => {
  const NO_TEXT = 'must be a string and not empty';
  const NO_ADDRESS = 'must be a full address, beginning with http:// or https://';
  const NO_CHARACTER = 'has a control character or half an emoji';
  const S = 'button[1].sub_button[0]';

  it.each<[number, string, string, unknown]>([
    [40016, 'invalid button size', 'button is missing or not a list', undefined],
    [40016, 'invalid button size', 'button is missing or not a list', 'button'],
    [40016, 'invalid button size', 'button is missing or not a list', { button: click() }],
    [40016, 'invalid button size', 'the body must be {"button": […]}, not wrapped in "menu"', { menu: ORIGINAL_MENU }],
    [40016, 'invalid button size', 'button has 0 buttons, 1 to 3 allowed', top()],
    [40016, 'invalid button size', 'button has 4 buttons, 1 to 3 allowed', top(click(), click(), click(), click())],

    [40018, 'invalid button name size', 'button[0].name is 18 bytes, at most 16', top(click({ name: '六个汉字太长' }))],
    [
      40018,
      'invalid button name size',
      'button[0].name is 17 bytes, at most 16',
      top({ name: 'seventeen letters', sub_button: [click()] }),
    ],
    [40018, 'invalid button name size', `button[1].name ${NO_TEXT}`, top(click(), click({ name: '' }))],
    [40018, 'invalid button name size', `button[0].name ${NO_TEXT}`, top(click({ name: '  ' }))],
    [40018, 'invalid button name size', `button[0].name ${NO_TEXT}`, top(click({ name: 7 }))],
    [40018, 'invalid button name size', `button[0].name ${NO_TEXT}`, top(null)],
    [
      40025,
      'invalid sub button name size',
      `${S}.name is 63 bytes, at most 60`,
      sub(click({ name: '二十一'.repeat(7) })),
    ],
    [40025, 'invalid sub button name size', `${S}.name ${NO_TEXT}`, sub(click({ name: undefined }))],
    [40025, 'invalid sub button name size', `button[1].sub_button[2].name ${NO_TEXT}`, sub(click(), click(), null)],

    [40017, 'invalid button type', 'button[0].type is missing', top({ name: '菜单' })],
    [
      40017,
      'invalid button type',
      'button[0].type is "news", which only the web console can make',
      top(click({ type: 'news' })),
    ],
    [
      40017,
      'invalid button type',
      expect.stringMatching(/^button\[0\]\.type is not one of click, view,/) as unknown as string,
      top(click({ type: 'Click' })),
    ],
    [
      40017,
      'invalid button type',
      expect.stringMatching(/is not one of/) as unknown as string,
      top(click({ type: 'constructor' })),
    ],
    [
      40017,
      'invalid button type',
      'button[0] has both type and sub_button; a parent has no type',
      top(click({ sub_button: [click()] })),
    ],
    [40024, 'invalid sub button type', `${S}.type is missing`, sub({ name: '子' })],
    [
      40024,
      'invalid sub button type',
      `${S}.type is "text", which only the web console can make`,
      sub(click({ type: 'text' })),
    ],

    [40019, 'invalid button key size', `button[0].key ${NO_TEXT}`, top(click({ key: undefined }))],
    [40019, 'invalid button key size', 'button[0].key is 129 bytes, at most 128', top(click({ key: '键'.repeat(43) }))],
    [40026, 'invalid sub button key size', `${S}.key ${NO_TEXT}`, sub(click({ key: '' }))],
    [40026, 'invalid sub button key size', `${S}.key is 129 bytes, at most 128`, sub(click({ key: 'k'.repeat(129) }))],
    [40020, 'invalid button url size', `button[0].url ${NO_TEXT}`, top(view({ url: undefined }))],
    [40020, 'invalid button url size', 'button[0].url is 1025 bytes, at most 1024', top(view({ url: url(1025) }))],
    [40020, 'invalid button url size', `button[0].url ${NO_TEXT}`, top(mini({ url: undefined }))],
    [40027, 'invalid sub button url size', `${S}.url ${NO_TEXT}`, sub(view({ url: 5 }))],
    [40027, 'invalid sub button url size', `${S}.url is 1025 bytes, at most 1024`, sub(view({ url: url(1025) }))],
    [40055, 'invalid button url domain', `button[0].url ${NO_ADDRESS}`, top(view({ url: 'www.soso.com' }))],
    [40055, 'invalid button url domain', `button[0].url ${NO_ADDRESS}`, top(view({ url: 'javascript:alert(1)' }))],
    [40055, 'invalid button url domain', `button[0].url ${NO_ADDRESS}`, top(view({ url: 'https://' }))],
    [40054, 'invalid sub button url domain', `${S}.url ${NO_ADDRESS}`, sub(view({ url: 'ftp://example.com/' }))],
    [41002, 'appid missing', 'button[0].appid must be a string and not empty', top(mini({ appid: '' }))],
    [40165, 'invalid weapp pagepath', `${S}.pagepath ${NO_TEXT}`, sub(mini({ pagepath: undefined }))],
    [40007, 'invalid media_id', `button[0].media_id ${NO_TEXT}`, top({ type: 'media_id', name: '图片' })],
    [40007, 'invalid media_id', `${S}.media_id ${NO_TEXT}`, sub({ type: 'view_limited', name: '图文', media_id: 1 })],
    [53600, 'Article ID invalid', `button[0].article_id ${NO_TEXT}`, top({ type: 'article_id', name: '文章' })],

    [40023, 'invalid sub button size', 'button[1].sub_button has 0 buttons, 1 to 5 allowed', sub()],
    [
      40023,
      'invalid sub button size',
      'button[1].sub_button has 6 buttons, 1 to 5 allowed',
      sub(...Array.from({ length: 6 }, () => click())),
    ],
    [
      40023,
      'invalid sub button size',
      'button[0].sub_button must be a list',
      top({ name: '菜单', sub_button: { list: [click()] } }),
    ],
    [
      40022,
      'invalid sub-menu level',
      `${S} has a sub_button; a menu has two levels`,
      sub({ name: '子', sub_button: [click()] }),
    ],

    [40033, 'invalid charset', `button[0].name ${NO_CHARACTER}`, top(click({ name: '赞\ud83d' }))],
    [40033, 'invalid charset', `${S}.name ${NO_CHARACTER}`, sub(click({ name: 'a\u0007' }))],
    [40033, 'invalid charset', `button[0].name ${NO_CHARACTER}`, top(click({ name: 'two\nlines' }))],
    [40033, 'invalid charset', `button[0].key ${NO_CHARACTER}`, top(click({ key: 'a\u0000' }))],
  ])('with %i %s: %s', async (errcode, errmsg, detail, menu) => {
    const { call, sent } = wechatThatAnswers(OK);

    await expect(createMenu(call, menu)).rejects.toMatchObject({ code: 'WECHAT_REFUSED', errcode, errmsg, detail });
    expect(sent).toEqual([]);
  });
});

describe('getMenu', () => {
  it('gives every leaf an empty sub_button, whether or not WeChat did', async () => {
    const { call, sent } = wechatThatAnswers({
      menu: top(click(), { name: '菜单', sub_button: [view(), click({ sub_button: [] })] }),
    });

    await expect(getMenu(call)).resolves.toEqual({
      menu: top(click({ sub_button: [] }), {
        name: '菜单',
        sub_button: [view({ sub_button: [] }), click({ sub_button: [] })],
      }),
    });
    expect(sent).toEqual([{ path: '/cgi-bin/menu/get', body: undefined }]);
  });

  it('does so in conditional menus and leaves the rest as it came', async () => {
    const matchrule = { group_id: '2' };
    const { call } = wechatThatAnswers({
      menu: { ...top(click()), menuid: 1 },
      conditionalmenu: [{ ...top(view()), matchrule, menuid: 2 }],
    });

    await expect(getMenu(call)).resolves.toEqual({
      menu: { ...top(click({ sub_button: [] })), menuid: 1 },
      conditionalmenu: [{ ...top(view({ sub_button: [] })), matchrule, menuid: 2 }],
    });
  });

  it("passes on WeChat's 46003 when there is no menu", async () => {
    const answer = { errcode: 46003, errmsg: 'menu no exist rid: 6-1-2' };
    const { call } = wechatThatAnswers(answer);

    await expect(getMenu(call)).rejects.toMatchObject({ ...answer, result: answer });
  });
});

describe('deleteMenu', () => {
  it('asks WeChat with a GET', async () => {
    const { call, sent } = wechatThatAnswers(OK);

    await expect(deleteMenu(call)).resolves.toEqual(OK);
    expect(sent).toEqual([{ path: '/cgi-bin/menu/delete', body: undefined }]);
  });
});
