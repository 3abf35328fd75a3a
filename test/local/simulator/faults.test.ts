import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulatedWeChat } from '../../../local/simulator/app.ts';
import { listen } from '../../../local/simulator/listen.ts';
import { calling, FOLLOWER } from './calling.ts';

const FAULTS = '/simulator/faults';

describe('faults', () => {
  it('answer an errcode as often as asked, for the path asked', async () => {
    const { simulated, get } = calling();
    await get('tags/get');
    simulated.faults.push({ path: '/cgi-bin/tags/get', times: 2, fault: { kind: 'errcode', errcode: -1 } });
    expect(await get('get_current_selfmenu_info')).toHaveProperty('is_menu_open');
    for (let index = 0; index < 2; index += 1) {
      expect(await get('tags/get')).toMatchObject({
        errcode: -1,
        errmsg: expect.stringMatching(/^system error rid: /),
      });
    }
    expect(await get('tags/get')).toHaveProperty('tags');
  });

  it('may concern every path that matches', async () => {
    const { simulated, get, post } = calling();
    await get('tags/get');
    simulated.faults.push({ path: /tag/, times: 2, fault: { kind: 'errcode', errcode: 45009 } });
    expect((await get('menu/get')).errcode).toBe(46003);
    expect((await get('tags/get')).errcode).toBe(45009);
    expect((await post('user/tag/get', { tagid: 2 })).errcode).toBe(45009);
  });

  it('pass an errcode through that the simulator does not know', async () => {
    const { simulated, get } = calling();
    await get('tags/get');
    simulated.faults.push({ times: 1, fault: { kind: 'errcode', errcode: 40013 } });
    expect(await get('tags/get')).toEqual({ errcode: 40013, errmsg: 'invalid appid' });
  });

  it('expire a token for good', async () => {
    const { simulated, get, stable } = calling();
    await get('tags/get');
    const before = await stable();
    simulated.faults.push({ path: '/cgi-bin/tags/get', times: 1, fault: { kind: 'expire-token' } });
    expect((await get('tags/get')).errcode).toBe(42001);
    expect((await get('tags/get')).errcode).toBe(42001);
    expect((await stable()).access_token).not.toBe(before.access_token);
  });

  it('delay an answer by the time asked', async () => {
    const slept: number[] = [];
    const { simulated, get } = calling({ sleep: async (ms) => slept.push(ms) });
    simulated.faults.push({ path: '/cgi-bin/tags/get', times: 1, fault: { kind: 'slow', ms: 6000 } });
    expect(await get('tags/get')).toHaveProperty('tags');
    expect(slept).toEqual([6000]);
  });

  it('answer with a page or with nothing', async () => {
    const { simulated } = calling();
    simulated.faults.push({ times: 1, fault: { kind: 'html' } }, { times: 1, fault: { kind: 'empty' } });
    const page = await simulated.fetch('https://api.weixin.qq.com/cgi-bin/token');
    expect([page.status, await page.text()]).toEqual([502, expect.stringContaining('Bad Gateway')]);
    const empty = await simulated.fetch('https://api.weixin.qq.com/cgi-bin/token');
    expect([empty.status, await empty.text()]).toEqual([200, '']);
  });

  it('cut the call of whoever uses the simulator as fetch', async () => {
    const { simulated } = calling();
    simulated.faults.push({ times: 1, fault: { kind: 'cut' } });
    await expect(simulated.fetch('https://api.weixin.qq.com/cgi-bin/token')).rejects.toThrow(TypeError);
    expect((await simulated.fetch('https://api.weixin.qq.com/cgi-bin/token')).status).toBe(200);
  });

  it.each<[unknown, string]>([
    [{ fault: { kind: 'fire' } }, 'fault.kind must be one of'],
    [{ fault: { kind: 'slow' } }, 'fault.ms must be'],
    [{ fault: { kind: 'errcode', errcode: '45009' } }, 'fault.errcode must be'],
    [{ times: 0, fault: { kind: 'cut' } }, 'times must be'],
    [{ path: 7, fault: { kind: 'cut' } }, 'path must be'],
    [7, 'a fault is'],
  ])('posted as %j are refused', async (fault, errmsg) => {
    const { send, simulated } = calling();
    expect(await send(FAULTS, fault)).toMatchObject({ errcode: 400, errmsg: expect.stringContaining(errmsg) });
    expect(simulated.faults).toEqual([]);
  });
});

describe('over a socket', () => {
  it('serves, takes faults, cuts connections and ends', async () => {
    const simulated = createSimulatedWeChat();
    const { url, close } = await listen(simulated, 0);
    const post = (path: string, body: unknown) => fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
    try {
      expect((await post(FAULTS, [{ fault: { kind: 'cut' } }, { times: 2, fault: { kind: 'empty' } }])).status).toBe(
        200,
      );
      await expect(fetch(`${url}/cgi-bin/token`)).rejects.toThrow('fetch failed');
      expect(await (await fetch(`${url}/cgi-bin/token`)).text()).toBe('');
      expect(await (await fetch(url + FAULTS, { method: 'DELETE' })).json()).toEqual({ cleared: 1 });
      const answer = await fetch(`${url}/cgi-bin/token`);
      expect(answer.headers.get('content-type')).toBe('text/plain');
      expect(await answer.json()).toMatchObject({ errcode: 40002 });
    } finally {
      await close();
    }
    await expect(fetch(`${url}/cgi-bin/token`)).rejects.toThrow('fetch failed');
  });
});

describe('the followers posted to the simulator', () => {
  it('follow and may be written to', async () => {
    const { send, post, simulated } = calling();
    await send('/simulator/followers', { openid: 'oNew', msgtype: 'event', event: 'subscribe', eventkey: 'qrscene_7' });
    expect(
      await post('message/custom/send', { touser: 'oNew', msgtype: 'text', text: { content: 'hi' } }),
    ).toMatchObject({
      errcode: 0,
    });
    expect(simulated.sent('oNew')).toHaveLength(1);
  });

  it.each(['', '__proto__', 7])('cannot be called %p', async (openid) => {
    expect((await calling().send('/simulator/followers', { openid })).errcode).toBe(400);
  });
});

describe('the state file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulated-wechat-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('keeps tokens, tags and followers for the next run', async () => {
    const stateFile = join(folder, 'deeper', 'state.json');
    const first = calling({ stateFile });
    await first.post('tags/create', { tag: { name: 'VIP' } });
    await first.post('tags/members/batchtagging', { openid_list: [FOLLOWER], tagid: 134 });
    const { access_token } = await first.stable();
    expect(existsSync(stateFile)).toBe(true);
    const second = calling({ stateFile });
    expect(await second.ask(`/cgi-bin/tags/get?access_token=${access_token}`)).toMatchObject({
      tags: [{ id: 2 }, { id: 134, count: 1 }],
    });
    expect(readdirSync(join(folder, 'deeper'))).toEqual(['state.json']);
  });
});
