import { newFollower } from '../../../local/simulator/state.ts';
import { calling, FOLLOWER, NOON, SECOND } from './calling.ts';

const OK = { errcode: 0, errmsg: 'ok' };
const ELSEWHERE = 'oStrangerStrangerStranger001';

describe('tags', () => {
  it('answer as the original examples do', async () => {
    const { get, post } = calling();
    expect(await post('tags/create', { tag: { name: '广东' } })).toEqual({ tag: { id: 134, name: '广东' } });
    await post('tags/members/batchtagging', { openid_list: [FOLLOWER, SECOND], tagid: 134 });
    expect(await get('tags/get')).toEqual({
      tags: [
        { id: 2, name: '星标组', count: 0 },
        { id: 134, name: '广东', count: 2 },
      ],
    });
    expect(await post('tags/update', { tag: { id: 134, name: '广东人' } })).toEqual(OK);
    expect(await post('tags/delete', { tag: { id: 134 } })).toEqual(OK);
    expect(await get('tags/get')).toEqual({ tags: [{ id: 2, name: '星标组', count: 0 }] });
    expect(await post('tags/getidlist', { openid: FOLLOWER })).toEqual({ tagid_list: [] });
  });

  it('have names of at most thirty bytes', async () => {
    const { post } = calling();
    expect(await post('tags/create', { tag: { name: '一二三四五六七八九十' } })).toHaveProperty('tag');
    expect((await post('tags/create', { tag: { name: '一二三四五六七八九十a' } })).errcode).toBe(45158);
  });

  it('are a hundred at most', async () => {
    const { post } = calling();
    for (let index = 0; index < 100; index += 1) {
      expect(await post('tags/create', { tag: { name: `t${index}` } })).toHaveProperty('tag.id', 134 + index);
    }
    expect((await post('tags/create', { tag: { name: 'one more' } })).errcode).toBe(45056);
    await post('tags/delete', { tag: { id: 134 } });
    expect(await post('tags/create', { tag: { name: 'one more' } })).toHaveProperty('tag.id', 234);
  });

  it.each<[string, string, object, number]>([
    ['an empty name', 'create', { tag: { name: '' } }, 45157],
    ['a taken name', 'create', { tag: { name: '星标组' } }, 45157],
    ['no tag', 'create', { name: 'a' }, 44002],
    ['an unknown id', 'update', { tag: { id: 999, name: 'a' } }, 45159],
    ['an id that is a text', 'update', { tag: { id: '134', name: 'a' } }, 45159],
    ["the system's tag", 'update', { tag: { id: 2, name: 'a' } }, 45058],
    ['a name taken by another', 'update', { tag: { id: 134, name: '星标组' } }, 45157],
    ["the system's tag", 'delete', { tag: { id: 0 } }, 45058],
    ['an unknown id', 'delete', { tag: { id: 999 } }, 45159],
  ])('refuse %s to %s', async (_, verb, body, errcode) => {
    const { post } = calling();
    await post('tags/create', { tag: { name: 'VIP' } });
    expect((await post(`tags/${verb}`, body)).errcode).toBe(errcode);
  });

  it('keep a name that is written again', async () => {
    const { post } = calling();
    await post('tags/create', { tag: { name: 'VIP' } });
    expect(await post('tags/update', { tag: { id: 134, name: 'VIP' } })).toEqual(OK);
  });

  it('cannot be deleted with more than 100,000 followers', async () => {
    const { account, post } = calling();
    await post('tags/create', { tag: { name: 'all' } });
    for (let index = 0; index < 100_001; index += 1) {
      account.followers[`o${index}`] = { ...newFollower(`o${index}`, NOON), tagid_list: [134] };
    }
    expect((await post('tags/delete', { tag: { id: 134 } })).errcode).toBe(45057);
  });
});

describe('tags of followers', () => {
  const tagging = (openid_list: unknown, tagid: unknown = 2) => ({ openid_list, tagid });

  it('are listed by tag and by follower', async () => {
    const { post } = calling();
    await post('tags/create', { tag: { name: 'VIP' } });
    expect(await post('tags/members/batchtagging', tagging([FOLLOWER, SECOND], 134))).toEqual(OK);
    expect(await post('tags/members/batchtagging', tagging([FOLLOWER], 2))).toEqual(OK);
    expect(await post('tags/getidlist', { openid: FOLLOWER })).toEqual({ tagid_list: [134, 2] });
    const openid = [FOLLOWER, SECOND];
    expect(await post('user/tag/get', { tagid: 134 })).toEqual({ count: 2, data: { openid }, next_openid: SECOND });
    expect(await post('user/tag/get', { tagid: 134, next_openid: FOLLOWER })).toEqual({
      count: 1,
      data: { openid: [SECOND] },
      next_openid: SECOND,
    });
    expect(await post('user/tag/get', { tagid: 134, next_openid: SECOND })).toEqual({ count: 0, next_openid: '' });
    expect(await post('tags/members/batchuntagging', tagging([FOLLOWER], 134))).toEqual(OK);
    expect(await post('tags/getidlist', { openid: FOLLOWER })).toEqual({ tagid_list: [2] });
  });

  it('come in pages of ten thousand followers', async () => {
    const { account, post } = calling();
    for (let index = 0; index < 10_001; index += 1) {
      account.followers[`o${index}`] = { ...newFollower(`o${index}`, NOON), tagid_list: [2] };
    }
    expect(await post('user/tag/get', { tagid: 2, next_openid: '' })).toMatchObject({
      count: 10_000,
      next_openid: 'o9999',
    });
    expect(await post('user/tag/get', { tagid: 2, next_openid: 'o9999' })).toMatchObject({ count: 1 });
  });

  it('are twenty at most', async () => {
    const { account, post } = calling();
    const follower = account.followers[FOLLOWER];
    if (follower) follower.tagid_list = Array.from({ length: 20 }, (_, index) => index + 200);
    expect((await post('tags/members/batchtagging', tagging([FOLLOWER]))).errcode).toBe(45059);
    expect(await post('tags/members/batchtagging', tagging([FOLLOWER, SECOND]))).toMatchObject({
      errcode: 45171,
      errmsg: expect.stringMatching(/^some openid fail rid: /),
      fail_openid_list: [FOLLOWER],
    });
    expect(await post('tags/getidlist', { openid: SECOND })).toEqual({ tagid_list: [2] });
  });

  it.each<[string, object, number]>([
    ['51 openids', tagging(Array.from({ length: 51 }, () => FOLLOWER)), 40032],
    ['no openid', tagging([]), 40032],
    ['a text for a list', tagging(FOLLOWER), 40032],
    ['an unknown tag', tagging([FOLLOWER], 999), 45159],
    ['a misspelt tag', { openid_list: [FOLLOWER], tagId: 2 }, 45159],
    ['a malformed openid', tagging(['x']), 40003],
    ['the openid of another account', tagging([ELSEWHERE]), 49003],
    ['some of another account', tagging([FOLLOWER, ELSEWHERE]), 45171],
  ])('refuse %s', async (_, body, errcode) => {
    const { post } = calling();
    expect((await post('tags/members/batchtagging', body)).errcode).toBe(errcode);
    expect((await post('tags/members/batchuntagging', body)).errcode).toBe(errcode);
  });

  it('cannot be asked of somebody who left', async () => {
    const { post, simulated } = calling();
    simulated.act({ openid: FOLLOWER, msgtype: 'event', event: 'unsubscribe' });
    expect((await post('tags/getidlist', { openid: FOLLOWER })).errcode).toBe(50005);
    expect((await post('tags/members/batchtagging', tagging([FOLLOWER]))).errcode).toBe(50005);
  });
});
