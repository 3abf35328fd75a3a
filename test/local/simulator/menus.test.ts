import { ORIGINAL_MENU } from '../../fixtures/menu.ts';
import { calling, FOLLOWER, SECOND } from './calling.ts';

const OK = { errcode: 0, errmsg: 'ok' };

const click = (changed = {}) => ({ type: 'click', name: 'a', key: 'k', ...changed });
const parent = (...sub_button: unknown[]) => ({ name: 'p', sub_button });
const many = (length: number) => Array.from({ length }, () => click());

describe('a menu', () => {
  it('is created, read with an empty sub_button on every leaf, and deleted', async () => {
    const { get, post } = calling();
    expect(await get('menu/get')).toMatchObject({
      errcode: 46003,
      errmsg: expect.stringMatching(/^menu no exist rid: /),
    });
    expect(await post('menu/create', ORIGINAL_MENU)).toEqual(OK);
    expect(await get('menu/get')).toEqual({
      menu: {
        button: [
          { type: 'click', name: '今日歌曲', key: 'V1001_TODAY_MUSIC', sub_button: [] },
          {
            name: '菜单',
            sub_button: [
              { type: 'view', name: '搜索', url: 'http://www.soso.com/', sub_button: [] },
              { type: 'click', name: '赞一下我们', key: 'V1001_GOOD', sub_button: [] },
            ],
          },
        ],
      },
    });
    expect(await get('menu/delete')).toEqual(OK);
    expect((await get('menu/get')).errcode).toBe(46003);
  });

  it('is read in another shape by get_current_selfmenu_info', async () => {
    const { get, post } = calling();
    expect(await get('get_current_selfmenu_info')).toEqual({ is_menu_open: 0, selfmenu_info: { button: [] } });
    await post('menu/create', ORIGINAL_MENU);
    expect(await get('get_current_selfmenu_info')).toEqual({
      is_menu_open: 1,
      selfmenu_info: {
        button: [ORIGINAL_MENU.button[0], { name: '菜单', sub_button: { list: ORIGINAL_MENU.button[1]?.sub_button } }],
      },
    });
  });

  it('may hold every type of section 5.3, at the longest allowed', async () => {
    const { post } = calling();
    const keyed = ['scancode_push', 'scancode_waitmsg', 'pic_sysphoto', 'pic_photo_or_album', 'pic_weixin'];
    const name = '中'.repeat(20);
    const url = `https://example.com/${'a'.repeat(1004)}`;
    const answer = await post('menu/create', {
      button: [
        { ...parent(...keyed.map((type) => click({ type, name, key: 'k'.repeat(128) }))), name: '一二三四五a' },
        parent(
          { type: 'location_select', name, key: 'k' },
          { type: 'media_id', name, media_id: 'm' },
          { type: 'view_limited', name, media_id: 'm' },
          { type: 'article_id', name, article_id: 'a' },
          { type: 'article_view_limited', name, article_id: 'a' },
        ),
        parent(
          { type: 'miniprogram', name, url, appid: 'wx286b93c14bbf93aa', pagepath: 'pages/lunar/index' },
          { type: 'view', name, url, sub_button: [] },
        ),
      ],
    });
    expect(answer).toEqual(OK);
  });

  it.each<[string, unknown, number]>([
    ['no button', { button: [] }, 40016],
    ['four buttons', { button: many(4) }, 40016],
    ['the wrapper of menu/get', { menu: ORIGINAL_MENU }, 40016],
    ['a byte order mark', `\uFEFF${JSON.stringify(ORIGINAL_MENU)}`, 40016],
    ['an escaped character', '{"button":[{"type":"click","name":"\\u4f60","key":"k"}]}', 40033],
    ['broken JSON', '{"button":', 47001],
    ['a list', [], 47001],
    ['no body', '', 44002],
    ['no name', { button: [click({ name: '' })] }, 40018],
    ['a name of 17 bytes', { button: [click({ name: 'a'.repeat(17) })] }, 40018],
    ['a name of six Chinese characters', { button: [click({ name: '一二三四五六' })] }, 40018],
    ['no type', { button: [{ name: 'a' }] }, 40017],
    ['an unknown type', { button: [click({ type: 'constructor' })] }, 40017],
    ['a type of the console', { button: [click({ type: 'news', value: 'x' })] }, 40017],
    ['a type beside sub_button', { button: [click({ sub_button: [click()] })] }, 40017],
    ['no key', { button: [{ type: 'click', name: 'a' }] }, 40019],
    ['a key of 129 bytes', { button: [click({ key: 'k'.repeat(129) })] }, 40019],
    ['no url', { button: [{ type: 'view', name: 'a' }] }, 40020],
    ['a url of 1025 bytes', { button: [{ type: 'view', name: 'a', url: `https://a.cn/${'a'.repeat(1012)}` }] }, 40020],
    ['a bare host', { button: [{ type: 'view', name: 'a', url: 'www.soso.com' }] }, 40055],
    ['sub_button as an object', { button: [{ name: 'a', sub_button: { list: [] } }] }, 41007],
    ['a parent without children', { button: [parent()] }, 40023],
    ['six children', { button: [parent(...many(6))] }, 40023],
    ['a third level', { button: [parent(parent(click()))] }, 40022],
    ['a child of unknown type', { button: [parent(click({ type: 'tap' }))] }, 40024],
    ['a child without type', { button: [parent({ name: 'a' })] }, 40024],
    ['a child without name', { button: [parent(click({ name: '' }))] }, 40025],
    ['a child name of 61 bytes', { button: [parent(click({ name: 'a'.repeat(61) }))] }, 40025],
    ['a child key of 129 bytes', { button: [parent(click({ key: 'k'.repeat(129) }))] }, 40026],
    ['a child without url', { button: [parent({ type: 'view', name: 'a' })] }, 40027],
    ['a child with another scheme', { button: [parent({ type: 'view', name: 'a', url: 'ftp://a.cn/' })] }, 40054],
    ['no media_id', { button: [{ type: 'media_id', name: 'a' }] }, 40007],
    ['no article_id', { button: [{ type: 'article_id', name: 'a' }] }, 53600],
    [
      'a mini program without page',
      { button: [{ type: 'miniprogram', name: 'a', url: 'http://a.cn', appid: 'wx286b93c14bbf93aa' }] },
      40165,
    ],
    [
      'a mini program with a wrong appid',
      { button: [{ type: 'miniprogram', name: 'a', url: 'http://a.cn', appid: 'x', pagepath: 'p' }] },
      40013,
    ],
  ])('with %s is refused', async (_, body, errcode) => {
    const { get, post } = calling();
    expect((await post('menu/create', body)).errcode).toBe(errcode);
    expect((await get('menu/get')).errcode).toBe(46003);
  });

  it('accepts a backslash before the letter u in a name', async () => {
    const { post } = calling();
    expect(await post('menu/create', { button: [click({ name: '\\u4f60' })] })).toEqual(OK);
  });

  it('can be created 1,000 times a day, and again after clear_quota', async () => {
    const { account, post } = calling();
    account.usage['/cgi-bin/menu/create day'] = { period: '2026-01-01', count: 1000 };
    expect((await post('menu/create', ORIGINAL_MENU)).errcode).toBe(45009);
    expect(await post('clear_quota', { appid: account.appid })).toEqual(OK);
    expect(await post('menu/create', ORIGINAL_MENU)).toEqual(OK);
  });

  it('is read by GET and written by POST', async () => {
    const { get, post } = calling();
    expect((await get('menu/create')).errcode).toBe(43002);
    expect((await post('menu/get', {})).errcode).toBe(43001);
  });
});

describe('conditional menus', () => {
  const forTag = (tag_id: number | string, key: string) => ({ button: [click({ key })], matchrule: { tag_id } });

  async function withTag() {
    const wechat = calling();
    await wechat.post('menu/create', ORIGINAL_MENU);
    await wechat.post('tags/create', { tag: { name: 'VIP' } });
    return wechat;
  }

  it('are shown to whom the last tag says, the newest first', async () => {
    const { post } = await withTag();
    await post('menu/addconditional', forTag('134', 'older'));
    expect(await post('menu/addconditional', forTag('134', 'newer'))).toEqual({ menuid: '430000002' });
    await post('tags/members/batchtagging', { openid_list: [FOLLOWER, SECOND], tagid: 134 });
    await post('tags/members/batchtagging', { openid_list: [SECOND], tagid: 2 });
    expect(await post('menu/trymatch', { user_id: FOLLOWER })).toMatchObject({ button: [{ key: 'newer' }] });
    expect(await post('menu/trymatch', { user_id: SECOND })).toMatchObject({ button: [{ name: '今日歌曲' }, {}] });
  });

  it('are read beside the default menu, deleted one by one, and with it', async () => {
    const { get, post } = await withTag();
    await post('menu/addconditional', forTag('2', 'first'));
    await post('menu/addconditional', forTag('134', 'second'));
    expect(await get('menu/get')).toMatchObject({
      menu: { menuid: expect.any(Number) },
      conditionalmenu: [
        { menuid: 430000002, matchrule: { tag_id: '134' }, button: [{ key: 'second', sub_button: [] }] },
        { menuid: 430000001 },
      ],
    });
    expect(await post('menu/delconditional', { menuid: '430000002' })).toEqual(OK);
    expect((await post('menu/delconditional', { menuid: '430000002' })).errcode).toBe(65301);
    await get('menu/delete');
    await post('menu/create', ORIGINAL_MENU);
    expect(await get('menu/get')).not.toHaveProperty('conditionalmenu');
  });

  it('need a default menu', async () => {
    expect((await calling().post('menu/addconditional', forTag('2', 'k'))).errcode).toBe(65303);
  });

  it.each<[string, object, number]>([
    ['no rule', { button: [click()] }, 65304],
    ['an empty rule', { button: [click()], matchrule: { tag_id: '' } }, 65304],
    ['a rule by sex', { button: [click()], matchrule: { tag_id: '2', sex: '1' } }, 65320],
    ['a rule by region', { button: [click()], matchrule: { country: '中国' } }, 65320],
    ['no buttons', { matchrule: { tag_id: '2' } }, 65307],
    ['a button without type', { button: [{ name: 'a' }], matchrule: { tag_id: '2' } }, 65308],
    ['an unknown tag', { button: [click()], matchrule: { tag_id: '999' } }, 45159],
    ['a long name', { button: [click({ name: 'a'.repeat(17) })], matchrule: { tag_id: '2' } }, 40018],
    [
      'four domains',
      {
        button: [parent(...'abcd'.split('').map((host) => ({ type: 'view', name: 'a', url: `https://${host}.cn` })))],
        matchrule: { tag_id: '2' },
      },
      65316,
    ],
  ])('with %s are refused', async (_, body, errcode) => {
    const { post } = await withTag();
    expect((await post('menu/addconditional', body)).errcode).toBe(errcode);
  });

  it('cannot be tried for a stranger, nor without any menu', async () => {
    const { post } = calling();
    expect((await post('menu/trymatch', { user_id: 'oNobody' })).errcode).toBe(65302);
    expect((await post('menu/trymatch', { user_id: FOLLOWER })).errcode).toBe(46003);
  });
});
