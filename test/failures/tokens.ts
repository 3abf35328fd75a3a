import { type RefreshResult, refresher } from '../../functions/access-token/refresh.ts';
import { credentialsTable } from '../../lib/tables/credentials.ts';
import { accountClient } from '../../lib/wechat/account.ts';
import { fetchToken } from '../../lib/wechat/api/token.ts';
import { SIMULATED_ACCOUNT } from '../../local/simulator/account.ts';
import { createSimulatedWeChat } from '../../local/simulator/app.ts';
import { NOW } from '../support/callback.ts';
import { database, tableNamed } from '../support/tables.ts';
import { type Call, FAULTS, faultyDatabase } from './faulty-database.ts';
import { fewAtOnce } from './few-at-once.ts';
import { mortal } from './mortal.ts';
import type { Outcome, Scenario } from './outcomes.ts';
import { failingOn, WECHAT_FAULTS } from './wechat-faults.ts';

const ORIGIN = 'https://api.weixin.qq.com';
const PATH = '/cgi-bin/stable_token';
const LIFE_MS = 7_200_000;
const MINUTE_MS = 60_000;

let accounts = 0;

/** An account, the time, and any number of processes of the access-token function. */
function world() {
  const appId = `wxtoken${String(++accounts).padStart(11, '0')}`;
  const clock = { time: NOW };
  const now = () => clock.time;
  const sleep = async (ms: number) => {
    clock.time += ms;
  };
  const simulated = createSimulatedWeChat({ accounts: [{ ...SIMULATED_ACCOUNT, appId }], now, sleep });
  const credentials = (db = database()) => credentialsTable(db, tableNamed('credentials'), appId);
  const asked = { count: 0 };

  const process = ({ db = database(), fetch = simulated.fetch, ahead_ms = 0 } = {}) => {
    const ownNow = () => now() + ahead_ms;
    const counted: typeof fetch = (...request) => {
      asked.count++;
      return fetch(...request);
    };
    const { appSecret } = SIMULATED_ACCOUNT;
    return refresher({
      credentials: credentials(db),
      fetchToken: () =>
        fetchToken({ appId, appSecret, endpoint: 'stable_token', origin: ORIGIN, fetch: counted, now: ownNow }),
      endpoint: 'stable_token',
      ...{ now: ownNow, sleep },
    });
  };
  return { appId, clock, now, simulated, credentials, asked, process };
}

type World = ReturnType<typeof world>;

const inWords = (answer: RefreshResult | 'failed' | 'killed'): string => {
  if (typeof answer === 'string') return answer === 'killed' ? 'nothing' : 'the function fails: 502';
  return 'error' in answer ? `WeChat's error (${answer.error.reason} ${answer.error.errcode})` : 'a token';
};

const keptOf = async ({ credentials, now }: World): Promise<string> => {
  const { access_token, expires_at = 0 } = await credentials().read({ consistent: true });
  return access_token !== undefined && expires_at > now() ? 'a token' : 'no token';
};

/** Asks until there is a token that WeChat knows; says after how long, and how often WeChat was asked in all. */
async function afterwards({ process, clock, simulated, appId, asked }: World): Promise<string> {
  const start = clock.time;
  for (let tries = 0; tries < 10; tries++) {
    const answer = await process()({});
    if (!('error' in answer)) {
      expect(simulated.state.accounts[appId]?.tokens.map(({ access_token }) => access_token)).toContain(answer.token);
      expect(asked.count).toBeLessThanOrEqual(3);
      const seconds = Math.round((clock.time - start) / 1000);
      return seconds === 0 ? 'again: a token' : `again: a token after ${seconds} s`;
    }
    clock.time += 1_000;
  }
  throw new Error('no token was to be had');
}

const SITES: readonly (readonly [where: string, isIt: (call: Call) => boolean])[] = [
  ['reading what is kept', ({ name }) => name === 'GetItem credentials'],
  ['taking the lease', ({ name, body }) => name === 'UpdateItem credentials' && body.includes('SET lease')],
  ['keeping the token', ({ name, body }) => name === 'UpdateItem credentials' && body.includes('SET access_token')],
];

const tables: Scenario = {
  title: 'The access_token: DynamoDB fails',
  run: () =>
    fewAtOnce(
      SITES.flatMap(([where, isIt]) =>
        FAULTS.map((fault) => async (): Promise<Outcome> => {
          const here = world();
          const faulty = await faultyDatabase();
          faulty.fail((call) => (isIt(call) ? fault : undefined));
          const first = await here
            .process({ db: faulty.db })({})
            .catch(() => 'failed' as const);
          faulty.close();
          const kept = await keptOf(here);
          return { fault, where, kept, sees: `${inWords(first)}; ${await afterwards(here)}` };
        }),
      ),
    ),
};

const wechat: Scenario = {
  title: 'The access_token: WeChat fails',
  run: () =>
    fewAtOnce(
      [false, true].flatMap((isDue) =>
        WECHAT_FAULTS.map((fault) => async (): Promise<Outcome> => {
          const here = world();
          if (isDue) await here.process()({});
          if (isDue) here.clock.time += LIFE_MS - 4 * MINUTE_MS;
          here.asked.count = 0;
          const first = await here.process({ fetch: failingOn(PATH, fault, here.simulated) })({});
          here.simulated.faults.length = 0;
          const where = isDue ? 'asking for the next token, 4 minutes before the end' : 'asking for the first token';
          const kept = await keptOf(here);
          return { fault: fault.name, where, kept, sees: `${inWords(first)}; ${await afterwards(here)}` };
        }),
      ),
    ),
};

const STEPS = ['what is kept was read', 'the lease was taken', 'WeChat handed out a token', 'the token was kept'];

const killed: Scenario = {
  title: 'The access_token: the process is killed',
  run: async () => {
    const whole = mortal();
    const living = world();
    await living.process({ db: whole.using(database()), fetch: whole.step('WeChat', living.simulated.fetch) })({});
    expect(whole.steps).toHaveLength(STEPS.length);
    return fewAtOnce(
      ['nothing was done', ...STEPS].map((where, died) => async (): Promise<Outcome> => {
        const here = world();
        const dying = mortal(died);
        void here.process({ db: dying.using(database()), fetch: dying.step('WeChat', here.simulated.fetch) })({});
        await dying.died;
        const kept = await keptOf(here);
        return { fault: 'killed', where: `when ${where}`, kept, sees: `nothing; ${await afterwards(here)}` };
      }),
    );
  },
};

const CLOCKS = [-6, -4, 4, 6];

const clocks: Scenario = {
  title: 'The access_token: clocks differ',
  run: () =>
    fewAtOnce(
      CLOCKS.map((minutes) => async (): Promise<Outcome> => {
        const here = world();
        const skewed = here.process({ ahead_ms: minutes * MINUTE_MS });
        await skewed({});
        here.clock.time += LIFE_MS - MINUTE_MS;
        const isRenewed = { by: 0 };
        const call = accountClient({
          credentials: here.credentials(),
          renew: async (asked) => {
            isRenewed.by++;
            const answer = await skewed(asked);
            if ('error' in answer) throw new Error(answer.error.errmsg);
            return answer;
          },
          origin: ORIGIN,
          fetch: here.simulated.fetch,
          now: () => here.now() + minutes * MINUTE_MS,
        });
        expect(await call('/cgi-bin/tags/get')).toMatchObject({ tags: expect.anything() });
        here.clock.time += 2 * MINUTE_MS;
        expect(await call('/cgi-bin/tags/get')).toMatchObject({ tags: expect.anything() });
        expect(isRenewed.by).toBeGreaterThan(0);
        const fault = `${Math.abs(minutes)} minutes ${minutes < 0 ? 'behind' : 'ahead'}`;
        return {
          fault,
          where: 'our clock, around the end of a token',
          kept: await keptOf(here),
          sees: "WeChat's results",
        };
      }),
    ),
};

export const TOKEN_SCENARIOS = [tables, wechat, killed, clocks];
