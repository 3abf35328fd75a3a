import { newFollower } from '../../../local/simulator/state.ts';
import { calling, FOLLOWER, NOON, SECOND } from './calling.ts';

const OK = { errcode: 0, errmsg: 'ok' };

describe('followers', () => {
  it('are listed in pages of ten thousand', async () => {
    const { account, get } = calling();
    for (let index = 0; index < 9_994; index += 1) account.followers[`o${index}`] = newFollower(`o${index}`, NOON);
    expect(await get('user/get')).toMatchObject({ total: 10_001, count: 10_000, next_openid: 'o9992' });
    const last = { total: 10_001, count: 1, data: { openid: ['o9993'] }, next_openid: 'o9993' };
    expect(await get('user/get', '&next_openid=o9992')).toEqual(last);
    expect(await get('user/get', '&next_openid=o9993')).toEqual({ total: 10_001, count: 0, next_openid: '' });
    expect((await get('user/get', '&next_openid=oNobody')).errcode).toBe(40003);
  });

  it('are known without name and picture', async () => {
    const { get, simulated } = calling();
    simulated.act({ openid: 'oNew', msgtype: 'event', event: 'subscribe', eventkey: 'qrscene_shop-42' });
    expect(await get('user/info', '&openid=oNew&lang=zh_CN')).toMatchObject({
      subscribe: 1,
      openid: 'oNew',
      nickname: '',
      headimgurl: '',
      subscribe_time: NOON / 1000,
      subscribe_scene: 'ADD_SCENE_QR_CODE',
      qr_scene_str: 'shop-42',
      tagid_list: [],
    });
  });

  it('are not known after they left', async () => {
    const { get, simulated } = calling();
    simulated.act({ openid: FOLLOWER, msgtype: 'event', event: 'unsubscribe' });
    expect(await get('user/info', `&openid=${FOLLOWER}`)).toEqual({ subscribe: 0, openid: FOLLOWER });
    expect((await get('user/get')).total).toBe(6);
  });

  it('are read a hundred at a time', async () => {
    const { post } = calling();
    const users = (length: number) => ({
      user_list: Array.from({ length }, () => ({ openid: FOLLOWER, lang: 'zh_CN' })),
    });
    expect((await post('user/info/batchget', users(100))).user_info_list).toHaveLength(100);
    expect((await post('user/info/batchget', users(101))).errcode).toBe(40032);
    expect((await post('user/info/batchget', { user_list: [{ openid: 'x' }] })).errcode).toBe(40003);
  });

  it('have a remark of under thirty bytes', async () => {
    const { get, post } = calling();
    const remark = '一二三四五六七八九ab';
    expect(await post('user/info/updateremark', { openid: FOLLOWER, remark })).toEqual(OK);
    expect((await get('user/info', `&openid=${FOLLOWER}`)).remark).toBe(remark);
    expect((await post('user/info/updateremark', { openid: FOLLOWER, remark: `${remark}c` })).errcode).toBe(40092);
    expect((await post('user/info/updateremark', { openid: 'oNobody', remark })).errcode).toBe(43004);
    expect((await post('user/info/updateremark', { remark })).errcode).toBe(40003);
  });
});

describe('the blacklist', () => {
  it('is filled, read and emptied', async () => {
    const { post } = calling();
    expect(await post('tags/members/getblacklist', { begin_openid: '' })).toEqual({
      total: 0,
      count: 0,
      next_openid: '',
    });
    expect(await post('tags/members/batchblacklist', { openid_list: [FOLLOWER, SECOND] })).toEqual(OK);
    expect(await post('tags/members/getblacklist', { begin_openid: FOLLOWER })).toEqual({
      total: 2,
      count: 1,
      data: { openid: [SECOND] },
      next_openid: SECOND,
    });
    expect(await post('tags/members/batchunblacklist', { openid_list: [FOLLOWER, SECOND] })).toEqual(OK);
    expect(await post('tags/members/getblacklist', {})).toMatchObject({ total: 0 });
  });

  it('is read by the thousand and changed by twenty', async () => {
    const { account, post } = calling();
    account.blacklist = Array.from({ length: 1001 }, (_, index) => `o${index}`);
    expect(await post('tags/members/getblacklist', {})).toMatchObject({
      total: 1001,
      count: 1000,
      next_openid: 'o999',
    });
    const openid_list = Array.from({ length: 21 }, () => FOLLOWER);
    expect((await post('tags/members/batchblacklist', { openid_list })).errcode).toBe(40032);
    expect((await post('tags/members/batchunblacklist', { openid_list })).errcode).toBe(40032);
  });
});

describe('what the account may ask about itself', () => {
  it('tells addresses', async () => {
    const { get } = calling();
    expect(await get('getcallbackip')).toEqual({ ip_list: expect.arrayContaining(['192.0.2.10']) });
    expect(await get('get_api_domain_ip')).toEqual({ ip_list: expect.arrayContaining(['203.0.113.20']) });
  });

  it('clears quotas ten times a month, of its own AppID', async () => {
    const { account, post } = calling();
    expect(await post('clear_quota', { appid: 'wxffffffffffffffff' })).toEqual({
      errcode: 40013,
      errmsg: 'invalid appid',
    });
    for (let index = 0; index < 9; index += 1) expect(await post('clear_quota', { appid: account.appid })).toEqual(OK);
    expect((await post('clear_quota', { appid: account.appid })).errcode).toBe(48006);
  });

  it('knows no other path', async () => {
    expect((await calling().ask('/cgi-bin/nothing')).errcode).toBe(40066);
  });
});
