import { calling } from './calling.ts';

const MINUTE = 60_000;

const using = ({ ask }: ReturnType<typeof calling>, token: string) =>
  ask(`/cgi-bin/getcallbackip?access_token=${token}`).then(({ errcode }) => errcode);

describe('GET /cgi-bin/token', () => {
  it('hands out a new token at each call and keeps the previous one alive for five minutes', async () => {
    const wechat = calling();
    const first = await wechat.classic();
    const second = await wechat.classic();
    expect(first).toEqual({ access_token: expect.any(String), expires_in: 7200 });
    expect(second.access_token).not.toBe(first.access_token);
    wechat.clock.now += 5 * MINUTE - 1;
    expect(await using(wechat, first.access_token)).toBeUndefined();
    wechat.clock.now += 1;
    expect(await using(wechat, first.access_token)).toBe(40001);
    expect(await using(wechat, second.access_token)).toBeUndefined();
  });

  it('lets a token expire after two hours', async () => {
    const wechat = calling();
    const { access_token } = await wechat.classic();
    wechat.clock.now += 120 * MINUTE - 1;
    expect(await using(wechat, access_token)).toBeUndefined();
    wechat.clock.now += 1;
    expect(await using(wechat, access_token)).toBe(42001);
  });

  it('gives 2,000 tokens a day, counted in Beijing', async () => {
    const wechat = calling();
    wechat.account.usage['/cgi-bin/token day'] = { period: '2026-01-01', count: 1999 };
    expect((await wechat.classic()).errcode).toBeUndefined();
    expect(await wechat.classic()).toMatchObject({
      errcode: 45009,
      errmsg: expect.stringMatching(/^reach max api daily quota limit rid: [\da-f]{8}-[\da-f]{8}-[\da-f]{8}$/),
    });
    wechat.clock.now = Date.UTC(2026, 0, 1, 16);
    expect((await wechat.classic()).errcode).toBeUndefined();
  });

  it.each([
    [{ grant_type: 'password' }, 40002, 'invalid grant_type'],
    [{ appid: '' }, 41002, 'appid missing'],
    [{ secret: '' }, 41004, 'appsecret missing'],
    [{ appid: 'wxffffffffffffffff' }, 40013, 'invalid appid'],
    [{ secret: 'ffffffffffffffffffffffffffffffff' }, 40125, 'invalid appsecret'],
  ])('refuses %p with %p', async (changed, errcode, errmsg) => {
    const wechat = calling();
    for (const answer of [await wechat.classic(changed), await wechat.stable(changed)]) {
      expect(answer).toEqual({ errcode, errmsg: expect.stringMatching(new RegExp(`^${errmsg}( rid: .*)?$`)) });
    }
  });

  it('prints the address it refuses, and serves it once it is listed', async () => {
    const wechat = calling();
    wechat.account.allowed_ips = ['203.0.113.9'];
    const { errcode, errmsg } = await wechat.classic();
    expect(errcode).toBe(40164);
    expect(errmsg).toMatch(/^invalid ip 127\.0\.0\.1 ipv6 ::ffff:127\.0\.0\.1, not in whitelist rid: /);
    wechat.account.allowed_ips.push('127.0.0.1');
    expect((await wechat.classic()).expires_in).toBe(7200);
  });
});

describe('POST /cgi-bin/stable_token', () => {
  it('returns the same token with the rest of its life until five minutes before its end', async () => {
    const wechat = calling();
    const first = await wechat.stable();
    wechat.clock.now += 115 * MINUTE - 1000;
    expect(await wechat.stable()).toEqual({ access_token: first.access_token, expires_in: 301 });
    wechat.clock.now += 1000;
    const second = await wechat.stable();
    expect(second.access_token).not.toBe(first.access_token);
    expect(second.expires_in).toBe(7200);
    expect(await using(wechat, first.access_token)).toBeUndefined();
    wechat.clock.now += 5 * MINUTE;
    expect(await using(wechat, first.access_token)).toBe(42001);
    expect(await using(wechat, second.access_token)).toBeUndefined();
  });

  it('kills the previous token at once when forced, but not twice within 30 seconds', async () => {
    const wechat = calling();
    const first = await wechat.stable();
    const second = await wechat.stable({ force_refresh: true });
    expect(await using(wechat, first.access_token)).toBe(40001);
    wechat.clock.now += 29_999;
    expect((await wechat.stable({ force_refresh: true })).access_token).toBe(second.access_token);
    wechat.clock.now += 1;
    expect((await wechat.stable({ force_refresh: true })).access_token).not.toBe(second.access_token);
  });

  it('can be forced twenty times a day', async () => {
    const wechat = calling();
    for (let index = 0; index < 20; index += 1) {
      expect((await wechat.stable({ force_refresh: true })).errcode).toBeUndefined();
      wechat.clock.now += 30_000;
    }
    expect((await wechat.stable({ force_refresh: true })).errcode).toBe(45009);
    expect((await wechat.stable()).errcode).toBeUndefined();
  });

  it('does not touch the tokens of the other family', async () => {
    const wechat = calling();
    const { access_token } = await wechat.classic();
    await wechat.stable();
    await wechat.stable({ force_refresh: true });
    wechat.clock.now += 6 * MINUTE;
    expect(await using(wechat, access_token)).toBeUndefined();
  });

  it('outlives many tokens of the other family', async () => {
    const wechat = calling();
    const { access_token } = await wechat.stable();
    for (let index = 0; index < 200; index += 1) await wechat.classic();
    expect(await using(wechat, access_token)).toBeUndefined();
    expect((await wechat.stable()).access_token).toBe(access_token);
  });

  it('wants POST', async () => {
    expect((await calling().ask('/cgi-bin/stable_token')).errcode).toBe(43002);
  });

  it('allows 10,000 calls a minute', async () => {
    const wechat = calling();
    wechat.account.usage['/cgi-bin/stable_token minute'] = { period: '2026-01-01T12:00', count: 10_000 };
    expect((await wechat.stable()).errcode).toBe(45011);
    wechat.clock.now += MINUTE;
    expect((await wechat.stable()).errcode).toBeUndefined();
  });
});

describe('an access_token', () => {
  it.each([
    ['', 41001],
    ['?access_token=', 41001],
    ['?access_token=abc', 40014],
    [`?access_token=92_${'A'.repeat(128)}`, 40001],
  ])('that is "%s" is refused with %p', async (query, errcode) => {
    expect((await calling().ask(`/cgi-bin/menu/get${query}`)).errcode).toBe(errcode);
  });

  it('is of one account', async () => {
    const second = { appId: 'wxsecond', appSecret: 's', token: 't', encodingAesKey: 'k', originalId: 'gh_2' };
    const wechat = calling({ accounts: [second] });
    const { access_token } = await wechat.stable({ appid: 'wxsecond', secret: 's' });
    expect(await using(wechat, access_token)).toBeUndefined();
    expect((await wechat.stable()).errcode).toBe(40013);
  });
});
