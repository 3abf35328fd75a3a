import { inspect } from 'node:util';
import { fetchToken } from '../../../../lib/wechat/api/token.ts';
import { playWeChat } from './played-wechat.ts';

const APP = { appId: 'wx0123456789abcdef', appSecret: 'APP-SECRET_0123456789' };
const NOW = 1_767_225_600_000;

let close = async (): Promise<unknown> => undefined;
afterEach(() => close());

async function wechatAnswering(body: unknown) {
  const wechat = await playWeChat((_, response) =>
    response.setHeader('content-type', 'text/plain').end(JSON.stringify(body)),
  );
  close = wechat.close;
  return wechat;
}

/** What asking for a token fails with. */
async function failureOf(body: unknown, endpoint: 'stable_token' | 'token' = 'stable_token') {
  const { origin } = await wechatAnswering(body);
  return fetchToken({ ...APP, endpoint, origin }).then(
    (token) => {
      throw new Error(`got ${inspect(token)}`);
    },
    (error: unknown) => error as Error,
  );
}

describe('fetchToken', () => {
  it('posts to stable_token and never forces a refresh', async () => {
    const { origin, asked } = await wechatAnswering({ access_token: 'T', expires_in: 345 });

    const fetched = await fetchToken({ ...APP, endpoint: 'stable_token', origin, now: () => NOW });

    expect(fetched).toEqual({ token: 'T', expires_at: NOW + 345_000 });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/cgi-bin/stable_token', query: {} });
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      grant_type: 'client_credential',
      appid: APP.appId,
      secret: APP.appSecret,
    });
  });

  it('gets the classic token', async () => {
    const { origin, asked } = await wechatAnswering({ access_token: 'T', expires_in: 7200 });

    const fetched = await fetchToken({ ...APP, endpoint: 'token', origin, now: () => NOW });

    expect(fetched).toEqual({ token: 'T', expires_at: NOW + 7_200_000 });
    expect(asked).toEqual([
      {
        method: 'GET',
        path: '/cgi-bin/token',
        query: { grant_type: 'client_credential', appid: APP.appId, secret: APP.appSecret },
        body: '',
        type: undefined,
      },
    ]);
  });

  it('counts the life of a token from before the call', async () => {
    const { origin } = await wechatAnswering({ access_token: 'T', expires_in: 100 });
    let time = NOW;
    const now = () => {
      time += 2_000;
      return time;
    };

    const { expires_at } = await fetchToken({ ...APP, endpoint: 'token', origin, now });

    expect(expires_at).toBe(NOW + 2_000 + 100_000);
  });

  it.each([
    ['invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 6-1-2', '203.0.113.7'],
    ['invalid ip 2001:db8::17, not in whitelist', '2001:db8::17'],
  ])('names the address WeChat saw in "%s"', async (errmsg, address) => {
    const error = await failureOf({ errcode: 40164, errmsg });

    expect(error).toMatchObject({ code: 'WECHAT_REFUSED', errcode: 40164, errmsg });
    expect(error).toHaveProperty(
      'detail',
      'Add the address to the IP allow-list at mp.weixin.qq.com. 请到 mp.weixin.qq.com 把该地址加入 IP 白名单。' +
        ` WeChat saw the address ${address} (微信看到的 IP 地址).`,
    );
  });

  it.each([
    [40001, /WECHAT_APP_SECRET/],
    [40125, /WECHAT_APP_SECRET/],
    [40013, /WECHAT_APP_ID/],
    [40243, /^Unfreeze the AppSecret .* 解除/],
    [89503, /administrator confirm .*管理员/],
    [45009, /clear_quota/],
    [-1, /^Try again in a moment\. 请稍后再试。$/],
  ])('says what to do about %i', async (errcode, detail) => {
    expect(await failureOf({ errcode, errmsg: 'said WeChat' })).toMatchObject({
      code: 'WECHAT_REFUSED',
      errcode,
      errmsg: 'said WeChat',
      detail: expect.stringMatching(detail),
    });
  });

  it('asks once even if WeChat is busy', async () => {
    const { origin, asked } = await wechatAnswering({ errcode: -1, errmsg: 'system error' });

    await expect(fetchToken({ ...APP, endpoint: 'token', origin })).rejects.toMatchObject({ errcode: -1 });
    expect(asked).toHaveLength(1);
  });

  it.each([
    [{ expires_in: 7200 }],
    [{ access_token: '', expires_in: 7200 }],
    [{ access_token: 'T' }],
    [{ access_token: 'T', expires_in: '7200' }],
    [{ access_token: 'T', expires_in: 0 }],
  ])('takes %j for no answer', async (answer) => {
    expect(await failureOf(answer)).toMatchObject({ code: 'WECHAT_UNREACHABLE', errcode: 502 });
  });

  it.each(['stable_token', 'token'] as const)('never shows the secret when %s fails', async (endpoint) => {
    const quoted = await failureOf({ errcode: 40125, errmsg: `invalid appsecret ${APP.appSecret}` }, endpoint);
    await close();
    const cut = await playWeChat((_, response) => response.socket?.destroy());
    close = cut.close;
    const unreached = await fetchToken({ ...APP, endpoint, origin: cut.origin }).catch((error: unknown) => error);

    for (const error of [quoted, unreached as Error]) {
      const everything = `${error.stack} ${JSON.stringify(error)} ${inspect(error, { depth: 9, showHidden: true })}`;
      expect(everything).toContain(`/cgi-bin/${endpoint}`);
      expect(everything).not.toContain('APP-SECRET');
    }
  });
});
