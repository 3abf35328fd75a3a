import { setTimeout as sleepFor, setImmediate as turn } from 'node:timers/promises';
import { type RefreshResult, refresher } from '../../functions/access-token/refresh.ts';
import { credentialsTable } from '../../lib/tables/credentials.ts';
import { fetchToken, type TokenEndpoint } from '../../lib/wechat/api/token.ts';
import { SIMULATED_ACCOUNT } from '../../local/simulator/account.ts';
import { createSimulatedWeChat } from '../../local/simulator/app.ts';
import type { Fault } from '../../local/simulator/faults.ts';
import type { AccountState } from '../../local/simulator/state.ts';
import { patientDatabase, startAccount } from '../support/account.ts';
import { makeTables, tableNamed } from '../support/tables.ts';

const NOON = Date.UTC(2026, 6, 1, 4);
const SECOND = 1_000;
const MINUTE = 60_000;
const LIFE = 7_200_000;

beforeAll(makeTables);

const db = patientDatabase();
let accounts = 0;

/** An account of its own with a clock: `refresh` as any number of machines run it, and the simulated WeChat behind it. */
function anAccount({ endpoint = 'stable_token' as TokenEndpoint, secret = SIMULATED_ACCOUNT.appSecret } = {}) {
  const appId = `wx${String(++accounts).padStart(16, '0')}`;
  const clock = { time: NOON };
  const now = () => clock.time;
  const sleep = async (ms: number) => {
    clock.time += ms;
  };
  const simulated = createSimulatedWeChat({ accounts: [{ ...SIMULATED_ACCOUNT, appId }], now, sleep });
  let calls = 0;
  const fetch: typeof globalThis.fetch = async (...request) => {
    calls++;
    return simulated.fetch(...request);
  };
  const origin = 'https://api.weixin.qq.com';
  const machine = (overrides: Partial<Parameters<typeof refresher>[0]> = {}) =>
    refresher({
      credentials: credentialsTable(db, tableNamed('credentials'), appId),
      fetchToken: () => fetchToken({ appId, appSecret: secret, endpoint, origin, fetch, now }),
      endpoint,
      now,
      sleep,
      ...overrides,
    });
  const failing = (fault: Fault, times = 1) => simulated.faults.push({ path: `/cgi-bin/${endpoint}`, times, fault });
  const state = simulated.state.accounts[appId] as AccountState;
  return { clock, state, machine, failing, refresh: machine(), calls: () => calls };
}

const tokenOf = (answer: RefreshResult): string => ('token' in answer ? answer.token : JSON.stringify(answer));

describe.each([
  ['stable_token', 5],
  ['token', 30],
] as const)('with %s', (endpoint, margin_minutes) => {
  it('asks WeChat for the first token and answers it until it is due', async () => {
    const { refresh, clock, calls } = anAccount({ endpoint });
    const first = await refresh();
    expect(first).toEqual({ token: expect.stringMatching(/^9[12]_/), expires_at: NOON + LIFE });
    clock.time += 60 * MINUTE;
    expect(await refresh({})).toEqual(first);
    expect(calls()).toBe(1);
  });

  it(`renews it ${margin_minutes} minutes before it expires`, async () => {
    const { refresh, clock, calls } = anAccount({ endpoint });
    const first = await refresh();
    clock.time = NOON + LIFE - margin_minutes * MINUTE - 1;
    expect(await refresh()).toEqual(first);
    clock.time += 1;
    const second = await refresh();
    expect(tokenOf(second)).not.toBe(tokenOf(first));
    expect(second).toMatchObject({ expires_at: clock.time + LIFE });
    expect(calls()).toBe(2);
  });

  it('never forces WeChat to end a token that others use', async () => {
    const { refresh, state } = anAccount({ endpoint });
    await refresh();
    await refresh({ refused: tokenOf(await refresh()) });
    expect(state.usage).not.toHaveProperty('force_refresh day');
  });
});

describe('many callers at once', () => {
  it('are two hundred cold machines and one call', async () => {
    const { machine, calls } = anAccount();
    const answers = await Promise.all(Array.from({ length: 200 }, () => machine({ sleep: sleepFor })()));
    expect(new Set(answers.map(tokenOf)).size).toBe(1);
    expect(answers[0]).toHaveProperty('token');
    expect(calls()).toBe(1);
  });

  it('share a refusal that only a person can mend', async () => {
    const { machine, state, calls } = anAccount();
    state.allowed_ips = ['192.0.2.1'];
    const answers = await Promise.all(Array.from({ length: 50 }, () => machine({ sleep: sleepFor })()));
    for (const answer of answers) expect(answer).toMatchObject({ error: { reason: 'refused', errcode: 40164 } });
    expect(calls()).toBe(1);
  });

  it('share one failure when WeChat is out of reach', async () => {
    const { machine, failing, calls } = anAccount();
    failing({ kind: 'cut' }, 50);
    const answers = await Promise.all(Array.from({ length: 50 }, () => machine({ sleep: sleepFor })()));
    for (const answer of answers) expect(answer).toMatchObject({ error: { reason: 'unreachable' } });
    expect(calls()).toBe(1);
  });

  it('who hold a refused token get one new token', async () => {
    const { machine, refresh, state, clock, calls } = anAccount();
    const refused = tokenOf(await refresh());
    end(state, refused, clock.time);
    const answers = await Promise.all(Array.from({ length: 50 }, () => machine({ sleep: sleepFor })({ refused })));
    expect(new Set(answers.map(tokenOf)).size).toBe(1);
    expect(tokenOf(answers[0] as RefreshResult)).not.toBe(refused);
    expect(calls()).toBe(2);
  });

  it('serve themselves from the last good token while one of them renews it', async () => {
    const { machine, refresh, clock, calls } = anAccount();
    const first = await refresh();
    clock.time = NOON + LIFE - 4 * MINUTE;
    const answers: ((fetched: { token: string; expires_at: number }) => void)[] = [];
    const fetchToken = () => new Promise<{ token: string; expires_at: number }>((answer) => answers.push(answer));
    const renewing = machine({ fetchToken })();
    while (answers.length === 0) await turn();
    expect(await refresh()).toEqual(first);
    expect(clock.time).toBe(NOON + LIFE - 4 * MINUTE);
    expect(calls()).toBe(1);
    answers[0]?.({ token: 'T2', expires_at: NOON + 2 * LIFE });
    expect(await renewing).toEqual(await refresh());
  });
});

describe('a refused token', () => {
  it('that is no longer the kept one is answered with the kept one, and nothing is asked', async () => {
    const { refresh, state, clock, calls } = anAccount();
    const old = tokenOf(await refresh());
    end(state, old, clock.time);
    const fresh = await refresh({ refused: old });
    expect(await refresh({ refused: old })).toEqual(fresh);
    expect(await refresh()).toEqual(fresh);
    expect(calls()).toBe(2);
  });

  it('is answered with the kept one even when that is due', async () => {
    const { refresh, clock, calls } = anAccount();
    const first = await refresh();
    clock.time = NOON + LIFE - MINUTE;
    expect(await refresh({ refused: 'an older one' })).toEqual(first);
    expect(calls()).toBe(1);
  });

  it('that WeChat returns again is asked for again after 1, 2, 4 … 60 s, by however many', async () => {
    const { refresh, machine, clock, calls } = anAccount();
    const refused = tokenOf(await refresh());
    const asked: number[] = [];
    const start = clock.time;
    for (let before = calls(); clock.time < start + 4 * MINUTE; clock.time += SECOND) {
      expect([await refresh({ refused }), await machine()({ refused }), await refresh()].map(tokenOf)).toEqual([
        ...[refused, refused, refused],
      ]);
      if (calls() > before) asked.push((clock.time - start) / SECOND);
      before = calls();
    }
    expect(asked).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
  });

  it('that came back is asked for after a second again, when a minute has passed without a refusal', async () => {
    const { refresh, clock, calls } = anAccount();
    const refused = tokenOf(await refresh());
    for (const pause of [SECOND, 2 * SECOND, 4 * SECOND + MINUTE]) {
      await refresh({ refused });
      clock.time += pause;
    }
    await refresh({ refused });
    const before = calls();
    clock.time += SECOND - 1;
    await refresh({ refused });
    expect(calls()).toBe(before);
    clock.time += 1;
    await refresh({ refused });
    expect(calls()).toBe(before + 1);
  });

  it('for an odd reason costs a second when another system then ends it', async () => {
    const { refresh, state, clock } = anAccount();
    const odd = tokenOf(await refresh());
    await refresh({ refused: odd });
    end(state, odd, clock.time);
    expect(tokenOf(await refresh({ refused: odd }))).toBe(odd);
    clock.time += SECOND;
    expect(tokenOf(await refresh({ refused: odd }))).not.toBe(odd);
  });

  it('for an odd reason, then ended by another system, is replaced by one call for a hundred', async () => {
    const { machine, refresh, state, clock, calls } = anAccount();
    const odd = tokenOf(await refresh());
    await refresh({ refused: odd });
    end(state, odd, clock.time);
    clock.time += SECOND;
    const before = calls();
    const hundred = Array.from({ length: 100 }, () => machine({ sleep: sleepFor })({ refused: odd }));
    expect(new Set((await Promise.all(hundred)).map(tokenOf)).size).toBe(1);
    expect(calls()).toBe(before + 1);
  });

  it('does not serve when WeChat is out of reach', async () => {
    const { refresh, failing } = anAccount();
    const refused = tokenOf(await refresh());
    failing({ kind: 'html' });
    expect(await refresh({ refused })).toMatchObject({ error: { reason: 'unreachable', errcode: 502 } });
  });
});

describe('when WeChat is down', () => {
  it.each([
    [{ kind: 'cut' }, 'unreachable'],
    [{ kind: 'html' }, 'unreachable'],
    [{ kind: 'empty' }, 'unreachable'],
    [{ kind: 'errcode', errcode: -1 }, 'refused'],
  ] as const)('(%j) the last good token serves while it is valid', async (fault, reason) => {
    const { refresh, failing, clock } = anAccount();
    const first = await refresh();
    failing(fault, 2);
    clock.time = NOON + LIFE - MINUTE;
    expect(await refresh()).toEqual(first);
    clock.time = NOON + LIFE;
    expect(await refresh()).toMatchObject({ error: { reason } });
  });

  it('it is asked again after a second', async () => {
    const { refresh, failing, clock, calls } = anAccount();
    failing({ kind: 'cut' });
    await refresh();
    clock.time += SECOND - 1;
    expect(await refresh()).toMatchObject({ error: { reason: 'unreachable' } });
    expect(calls()).toBe(1);
    clock.time += 1;
    expect(await refresh()).toHaveProperty('token');
  });
});

describe('a refusal that only a person can mend', () => {
  it('names what to do, and the address WeChat saw', async () => {
    const { refresh, state } = anAccount();
    state.allowed_ips = ['192.0.2.1'];
    const answer = await refresh();
    expect(answer).toMatchObject({
      error: { errcode: 40164, detail: expect.stringMatching(/allow-list.*127\.0\.0\.1/) },
    });
  });

  it('is kept for a minute, then asked again', async () => {
    const { refresh, state, clock, calls } = anAccount();
    state.allowed_ips = ['192.0.2.1'];
    const refusal = await refresh();
    state.allowed_ips = null;
    clock.time += MINUTE - 1;
    expect(await refresh()).toEqual(refusal);
    expect(calls()).toBe(1);
    clock.time += 1;
    expect(await refresh()).toHaveProperty('token');
  });

  it.each([40013, 40125, 40243, 89501, 89503, 89506, 89507, 40001])('is %i', async (errcode) => {
    const { refresh, failing, clock, calls } = anAccount();
    failing({ kind: 'errcode', errcode });
    clock.time += SECOND;
    expect(await refresh()).toMatchObject({ error: { reason: 'refused', errcode } });
    clock.time += 2 * SECOND;
    expect(await refresh()).toMatchObject({ error: { errcode } });
    expect(calls()).toBe(1);
  });

  it('leaves a good token serving', async () => {
    const { refresh, state, clock, calls } = anAccount();
    const first = await refresh();
    state.allowed_ips = ['192.0.2.1'];
    clock.time = NOON + LIFE - 4 * MINUTE;
    expect([await refresh(), await refresh()]).toEqual([first, first]);
    expect(calls()).toBe(2);
  });
});

describe('whoever has the lease', () => {
  it('and dies keeps the others waiting for six seconds at most', async () => {
    const { machine, clock, calls } = anAccount();
    await expect(machine({ fetchToken: () => Promise.reject(new TypeError('killed')) })()).rejects.toThrow('killed');
    const start = clock.time;
    expect(await machine()()).toMatchObject({ error: { reason: 'too_slow', errcode: 504 } });
    expect(clock.time - start).toBe(6 * SECOND);
    expect(calls()).toBe(0);
  });

  it('loses it after ten seconds', async () => {
    const { machine, clock } = anAccount();
    await expect(machine({ fetchToken: () => Promise.reject(new TypeError('killed')) })()).rejects.toThrow('killed');
    clock.time += 10 * SECOND;
    expect(await machine()()).toHaveProperty('token');
  });

  it('and wakes up after it has passed on leaves the newer token alone', async () => {
    const { machine, refresh, clock } = anAccount();
    const sleeper = machine({
      fetchToken: async () => {
        clock.time += 11 * SECOND;
        await refresh();
        return { token: 'late', expires_at: clock.time + LIFE };
      },
    });
    const answer = await sleeper();
    expect(tokenOf(answer)).not.toBe('late');
    expect(await refresh()).toEqual(answer);
  });
});

describe('the deployed function', () => {
  it('answers the schedule, whose event knows nothing of tokens', async () => {
    const account = await startAccount();
    try {
      const { handler } = await import('../../functions/access-token/handler.ts');
      const scheduled = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
      const answer = await handler(scheduled as object);
      expect(answer).toEqual({ token: account.state.tokens[0]?.access_token, expires_at: expect.any(Number) });
      expect(await handler({})).toEqual(answer);
    } finally {
      await account.stop();
    }
  });
});

/** WeChat ends a token early. */
function end(state: AccountState, token: string, now: number): void {
  for (const each of state.tokens) if (each.access_token === token) each.until = now;
}
