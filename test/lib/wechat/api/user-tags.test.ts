import { boundedBy, wechatClient } from '../../../../lib/wechat/api/client.ts';
import type { WeChatResult } from '../../../../lib/wechat/api/error.ts';
import { followersOf, tagFollowers, tagsOf, untagFollowers } from '../../../../lib/wechat/api/user-tags.ts';
import { wechatThatAnswers } from './played-wechat.ts';

const OK = { errcode: 0, errmsg: 'ok' };
const openids = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `o${from + index}`);
const chunksIn = (sent: { body: unknown }[]) => sent.map(({ body }) => (body as { openid_list: string[] }).openid_list);

describe('a tag', () => {
  it('has followers, a page at a time', async () => {
    const page = { count: 2, data: { openid: ['o1', 'o2'] }, next_openid: 'o2' };
    const { call, sent } = wechatThatAnswers(page);

    await expect(followersOf(call, 134)).resolves.toEqual(page);
    await expect(followersOf(call, 2, 'o2')).resolves.toEqual(page);
    expect(sent).toEqual([
      { path: '/cgi-bin/user/tag/get', body: { tagid: 134, next_openid: '' } },
      { path: '/cgi-bin/user/tag/get', body: { tagid: 2, next_openid: 'o2' } },
    ]);
  });
});

describe('a follower', () => {
  it('has tags', async () => {
    const { call, sent } = wechatThatAnswers({ tagid_list: [134, 2] });

    await expect(tagsOf(call, 'o1')).resolves.toEqual({ tagid_list: [134, 2] });
    expect(sent).toEqual([{ path: '/cgi-bin/tags/getidlist', body: { openid: 'o1' } }]);
  });
});

describe.each([
  ['tagFollowers', tagFollowers, '/cgi-bin/tags/members/batchtagging'],
  ['untagFollowers', untagFollowers, '/cgi-bin/tags/members/batchuntagging'],
])('%s', (_, change, path) => {
  it('sends one call for fifty followers', async () => {
    const { call, sent } = wechatThatAnswers(OK);

    await expect(change(call, { openid_list: openids(50), tagid: 134 })).resolves.toEqual(OK);
    expect(sent).toEqual([{ path, body: { openid_list: openids(50), tagid: 134 } }]);
  });

  it('sends more in chunks of fifty, in order', async () => {
    const { call, sent } = wechatThatAnswers(OK);

    await expect(change(call, { openid_list: openids(101), tagid: 134 })).resolves.toEqual(OK);
    expect(chunksIn(sent)).toEqual([openids(50), openids(50, 50), openids(1, 100)]);
  });

  it('sends an openid given twice once', async () => {
    const { call, sent } = wechatThatAnswers(OK);

    await change(call, { openid_list: ['o2', 'o1', 'o2'], tagid: 134 });

    expect(chunksIn(sent)).toEqual([['o2', 'o1']]);
  });

  it.each([[40032, 'openid_list has 1001 openids, 1 to 1000 allowed', openids(1001)]])(
    'refuses with %i: %s',
    async (errcode, detail, openid_list) => {
      const { call, sent } = wechatThatAnswers(OK);

      await expect(change(call, { openid_list, tagid: 134 })).rejects.toMatchObject({
        code: 'WECHAT_REFUSED',
        errcode,
        detail,
      });
      expect(sent).toEqual([]);
    },
  );

  it('takes a thousand', async () => {
    const { call, sent } = wechatThatAnswers(OK);

    await expect(change(call, { openid_list: openids(1000), tagid: 134 })).resolves.toEqual(OK);
    expect(sent).toHaveLength(20);
  });
});

describe('when WeChat refuses one call of one', () => {
  it.each<[WeChatResult]>([
    [{ errcode: 40003, errmsg: 'invalid openid hint: [x]' }],
    [{ errcode: 45171, errmsg: 'some openid fail', fail_openid_list: ['o1'] }],
    [{ errcode: 45009, errmsg: 'reach max api daily quota limit' }],
  ])('its answer %j is passed on', async (answer) => {
    const { call } = wechatThatAnswers(answer);

    await expect(tagFollowers(call, { openid_list: openids(2), tagid: 134 })).rejects.toMatchObject({
      errcode: answer.errcode,
      detail: undefined,
      result: answer,
    });
  });
});

describe('when WeChat refuses some of several calls', () => {
  const failing = (fail_openid_list: string[], detail: unknown) => ({
    code: 'WECHAT_REFUSED',
    errcode: 45171,
    errmsg: 'some openid fail',
    detail,
    result: { errcode: 45171, errmsg: 'some openid fail', fail_openid_list },
  });
  const outcome = (answers: WeChatResult[], count = 130) => {
    const { call, sent } = wechatThatAnswers(...answers);
    return { sent, done: tagFollowers(call, { openid_list: openids(count), tagid: 134 }) };
  };

  it('the openids it names are listed in order, and the others are done', async () => {
    const { done, sent } = outcome([
      { errcode: 45171, errmsg: 'some openid fail', fail_openid_list: ['o7', 'o3'] },
      OK,
      { errcode: 45171, errmsg: 'some openid fail', fail_openid_list: ['o129'] },
    ]);

    await expect(done).rejects.toMatchObject(
      failing(['o7', 'o3', 'o129'], '45171 some openid fail (some openids failed)'),
    );
    expect(chunksIn(sent)).toEqual([openids(50), openids(50, 50), openids(30, 100)]);
  });

  it.each([
    [40003, 'bad openid', 1],
    [45059, 'follower already has 20 tags', 1],
    [49003, 'openid of another account', 1],
    [50005, 'user does not follow the account', 1],
    [-1, 'WeChat is busy', 3],
  ])('for %i (%s), that call is listed whole and the next is made', async (errcode, en, tries) => {
    const answer = { errcode, errmsg: 'said WeChat' };
    const { done, sent } = outcome([OK, ...Array.from({ length: tries }, () => answer), OK]);

    await expect(done).rejects.toMatchObject(failing(openids(50, 50), `${errcode} said WeChat (${en})`));
    expect(sent).toHaveLength(2 + tries);
  });

  it.each([
    [45009, 'daily quota used up', 1],
    [45011, 'minute quota used up', 1],
    [40001, 'access_token invalid or not the latest', 2],
    [45159, 'no such tag', 1],
    [48001, 'account has no right to this API', 1],
  ])('for %i (%s), the rest is not tried and is listed', async (errcode, en, tries) => {
    const answer = { errcode, errmsg: 'said WeChat' };
    const { done, sent } = outcome([OK, ...Array.from({ length: tries }, () => answer), OK]);

    await expect(done).rejects.toMatchObject(
      failing(openids(80, 50), `${errcode} said WeChat (${en}) 80 openids were given up.`),
    );
    expect(sent).toHaveLength(1 + tries);
  });

  it('causes are named once each', async () => {
    const { done } = outcome([
      { errcode: 40003, errmsg: 'invalid openid' },
      { errcode: 40003, errmsg: 'invalid openid' },
      { errcode: 45009, errmsg: 'reach max api daily quota limit' },
    ]);

    await expect(done).rejects.toMatchObject(
      failing(
        openids(130),
        '40003 invalid openid (bad openid); ' +
          '45009 reach max api daily quota limit (daily quota used up) 30 openids were given up.',
      ),
    );
  });

  it('what is no failure of WeChat is thrown on', async () => {
    const call = async () => {
      throw new TypeError('our own mistake');
    };

    await expect(tagFollowers(call, { openid_list: openids(51), tagid: 134 })).rejects.toThrow(TypeError);
  });
});

describe('when the time is used up', () => {
  it.each([
    ['the rest is not tried and is listed', 200, 3],
    ['and nothing was done, all are listed', 200, 0],
  ])('%s', async (_, count, done) => {
    const clock = { time: 1_000_000 };
    const paths: string[] = [];
    const client = wechatClient({
      token: { current: async () => 'token-1', refused: async () => 'token-2' },
      origin: 'https://wechat.example',
      fetch: async (url) => {
        paths.push((url as URL).pathname);
        clock.time += 10_000;
        return Response.json(OK);
      },
      now: () => clock.time,
    });
    const tagging = { openid_list: openids(count), tagid: 134 };

    await expect(tagFollowers(boundedBy(1_000_000 + done * 10_000 - 5_000, client), tagging)).rejects.toMatchObject({
      errcode: 45171,
      detail: `The time for this request was used up. ${count - done * 50} openids were given up.`,
      result: { fail_openid_list: openids(count - done * 50, done * 50) },
    });
    expect(paths).toHaveLength(done);
  });
});
