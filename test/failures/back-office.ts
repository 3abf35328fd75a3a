import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { audit } from '../../functions/audit/handler.ts';
import { insights } from '../../functions/insights/handler.ts';
import { interactions } from '../../functions/interactions/handler.ts';
import { loginFor } from '../../functions/login/handler.ts';
import { remark } from '../../functions/remark/handler.ts';
import { rollup } from '../../functions/rollup/handler.ts';
import { endpoint, type Route } from '../../lib/http/endpoint.ts';
import { placed } from '../../lib/interactions/interaction.ts';
import { sortKeyOf } from '../../lib/interactions/keys.ts';
import { hashing } from '../../lib/operators/passwords.ts';
import { insightsTable } from '../../lib/tables/insights.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import { pendingTable } from '../../lib/tables/pending.ts';
import { wechatClient } from '../../lib/wechat/api/client.ts';
import { SIMULATED_ACCOUNT } from '../../local/simulator/account.ts';
import { createSimulatedWeChat } from '../../local/simulator/app.ts';
import { signedIn } from '../support/account.ts';
import { NOW } from '../support/callback.ts';
import { call } from '../support/events.ts';
import { HASHES } from '../support/hashes.ts';
import { anOperator } from '../support/operators.ts';
import { database, tableNamed } from '../support/tables.ts';
import { type Call, FAULTS, type FaultyDatabase, faultyDatabase } from './faulty-database.ts';
import { fewAtOnce } from './few-at-once.ts';
import { officeOn } from './office.ts';
import type { Outcome, Scenario } from './outcomes.ts';
import { failingOn, WECHAT_FAULTS } from './wechat-faults.ts';

const HOUR_MS = 3_600_000;
const PLACEMENT = { shards: 2, retentionDays: undefined };
const now = () => NOW;

const historyOn = ({ db }: Pick<FaultyDatabase, 'db'>, at = now) =>
  history(db, tableNamed('interactions'), { ...PLACEMENT, now: at });

const RECENT = { from: new Date(NOW - 2 * HOUR_MS).toISOString() };
const HOURLY = { ...RECENT, by: 'hour' };

/** What is read, by which route, and at which calls it fails. */
const READS: readonly {
  readonly where: string;
  readonly request: string;
  readonly query: Record<string, string>;
  readonly isIt: (call: Call) => boolean;
  readonly routes: (faulty: FaultyDatabase) => readonly Route[];
}[] = [
  {
    where: 'the history of everyone',
    request: 'GET /api/v0.1/interactions',
    query: RECENT,
    isIt: ({ name }) => name === 'Query interactions',
    routes: (faulty) => interactionsOn(faulty),
  },
  {
    where: 'the history of a follower',
    request: 'GET /api/v0.1/interactions/oRead',
    query: RECENT,
    isIt: ({ name }) => name === 'Query interactions',
    routes: (faulty) => interactionsOn(faulty),
  },
  {
    where: "insights: the hours' figures",
    request: 'GET /api/v0.1/insights',
    query: HOURLY,
    isIt: ({ name }) => name === 'Query insights',
    routes: (faulty) => insightsOn(faulty),
  },
  {
    where: 'insights: the hour that is not over',
    request: 'GET /api/v0.1/insights',
    query: HOURLY,
    isIt: ({ name }) => name === 'Query interactions',
    routes: (faulty) => insightsOn(faulty),
  },
  {
    where: 'the audit',
    request: 'GET /api/v0.1/audit',
    query: RECENT,
    isIt: ({ name }) => name === 'Query audit',
    routes: ({ db }) => audit(officeOn(db, now).audit),
  },
];

const interactionsOn = (faulty: FaultyDatabase) =>
  interactions({
    wechat: () => Promise.reject(new Error('nobody asks WeChat')),
    history: historyOn(faulty),
    pending: pendingTable(faulty.db, tableNamed('pending'), now),
    ...{ now, sleep: async () => undefined },
  });

const insightsOn = (faulty: FaultyDatabase) =>
  insights({ history: historyOn(faulty), hashes: HASHES, rows: insightsTable(faulty.db, tableNamed('insights')), now });

const reading: Scenario = {
  title: 'The back office reads: DynamoDB fails',
  run: async () => {
    const token = await signedIn(undefined, now);
    return fewAtOnce(
      READS.flatMap(({ where, request, query, isIt, routes }) =>
        FAULTS.map((fault) => async (): Promise<Outcome> => {
          const faulty = await faultyDatabase();
          const handler = endpoint(routes(faulty), officeOn(faulty.db, now));
          faulty.fail((each) => (isIt(each) ? fault : undefined));
          const { status } = await call(handler, request, { token, query });
          faulty.fail(() => undefined);
          const again = await call(handler, request, { token, query });
          faulty.close();
          expect([status, again.status]).toEqual([500, 200]);
          return { fault, where, kept: 'everything', sees: `${status}; again: ${again.status}` };
        }),
      ),
    );
  },
};

const SIGN_IN_SITES: readonly (readonly [where: string, isIt: (call: Call) => boolean])[] = [
  ['looking up earlier attempts', ({ name, body }) => name === 'BatchGetItem operators' && body.includes('attempts#')],
  ['counting this attempt', ({ name, body }) => name === 'UpdateItem operators' && body.includes('failed_at = :now')],
  ['reading the operator', ({ name, body }) => name === 'BatchGetItem operators' && !body.includes('attempts#')],
  ['taking the count back', ({ name, body }) => name === 'UpdateItem operators' && body.includes('failures = :zero"')],
  ['writing the audit', ({ name }) => name === 'PutItem audit'],
];

const passwords = hashing({ cost: 4 });
const PASSWORD = 'correct horse battery';

const signingIn: Scenario = {
  title: 'Signing in: DynamoDB fails',
  run: () =>
    fewAtOnce(
      SIGN_IN_SITES.flatMap(([where, isIt], site) =>
        FAULTS.map((fault, at) => async (): Promise<Outcome> => {
          const username = `signing.in.${site}.${at}`;
          const address = `198.51.${site}.${at}`;
          const password = await passwords.hash(PASSWORD);
          await officeOn(database(), now).operators.create(anOperator(username, { password }));
          const faulty = await faultyDatabase();
          const handler = loginFor(officeOn(faulty.db, now), passwords);
          const signIn = () =>
            call(handler, 'POST /api/v0.1/login', { body: { username, password: PASSWORD }, address });
          faulty.fail((each) => (isIt(each) ? fault : undefined));
          const { status } = await signIn();
          faulty.fail(() => undefined);
          const again = await signIn();
          faulty.close();
          expect(again.status).toBe(200);
          return { fault, where, kept: 'the operator', sees: `${status}; again: ${again.status}` };
        }),
      ),
    ),
};

const ROLLUP_SITES = [
  ['reading the figures there are', 'Query insights'],
  ['reading the interactions of an hour', 'Query interactions'],
  ['writing the figures of an hour', 'PutItem insights'],
] as const;

const FIRST_HOUR = Date.parse('2027-06-01T00:00:00Z');
const PLENTY = { getRemainingTimeInMillis: () => 600_000 };

/** Each run finds one hour that has no figures: the one before it ends. */
const rollupAt = ({ db }: Pick<FaultyDatabase, 'db'>, end: number) => {
  const at = () => end + 20 * 60_000;
  return rollup({
    history: historyOn({ db }, at),
    hashes: HASHES,
    rows: insightsTable(db, tableNamed('insights')),
    now: at,
  })({}, PLENTY);
};

const rollingUp: Scenario = {
  title: 'The rollup: DynamoDB fails',
  run: async () => {
    await rollupAt({ db: database() }, FIRST_HOUR);
    const outcomes: Outcome[] = [];
    for (const [where, name] of ROLLUP_SITES) {
      for (const fault of FAULTS) {
        const hour = FIRST_HOUR + outcomes.length * HOUR_MS;
        await keep(hour + 5);
        const faulty = await faultyDatabase();
        faulty.fail((each) => (each.name === name ? fault : undefined));
        const first = await rollupAt(faulty, hour + HOUR_MS).then(
          () => 'done',
          () => 'the run fails',
        );
        faulty.close();
        await rollupAt({ db: database() }, hour + HOUR_MS);
        expect(await messagesIn(hour)).toBe(1);
        outcomes.push({ fault, where, kept: 'the interactions', sees: `${first}; the next one makes the figures` });
      }
    }
    return outcomes;
  },
};

async function keep(at: number): Promise<void> {
  const identity = String(at);
  const created = sortKeyOf(Math.floor(at / 1000), identity);
  const Item = {
    ...{ openid: 'oRolledUp', created, direction: 'in', kind: 'text', details: { content: 'hi' }, reply: null },
    ...placed(PLACEMENT, at, identity),
  };
  await database().send(new PutCommand({ TableName: tableNamed('interactions'), Item }));
}

async function messagesIn(hour: number): Promise<number> {
  const rows = insightsTable(database(), tableNamed('insights'));
  for await (const { figures } of rows.between(hour, hour + HOUR_MS)) return figures.messages[0]?.[1] ?? 0;
  return 0;
}

const ORIGIN = 'https://api.weixin.qq.com';
const REMARK = '/cgi-bin/user/info/updateremark';

const calling: Scenario = {
  title: 'A call that is passed on to WeChat (a remark): WeChat fails',
  run: async () => {
    const token = await signedIn(undefined, now);
    return fewAtOnce(
      WECHAT_FAULTS.map((fault) => async (): Promise<Outcome> => {
        const simulated = createSimulatedWeChat({ accounts: [SIMULATED_ACCOUNT], now });
        const { openid } = simulated.act({ openid: 'oRemarked', msgtype: 'text' });
        const [state] = Object.values(simulated.state.accounts);
        const answer = await simulated.fetch(
          `${ORIGIN}/cgi-bin/token?grant_type=client_credential&appid=${SIMULATED_ACCOUNT.appId}&secret=${SIMULATED_ACCOUNT.appSecret}`,
        );
        const { access_token } = (await answer.json()) as { access_token: string };
        const use = { current: async () => access_token, refused: async () => access_token };
        const fetch = failingOn(REMARK, fault, simulated);
        const wechat = wechatClient({ token: use, origin: ORIGIN, fetch, now, sleep: async () => undefined });
        const handler = endpoint(remark(wechat), officeOn(database(), now));
        const body = { openid, remark: '老顾客' };
        const { status, json } = await call(handler, 'PUT /api/v0.1/cgi-bin/user/remark', { token, body });
        const { errcode } = json as { errcode: number };
        const isKept = state?.followers[openid]?.remark === '老顾客';
        return {
          ...{ fault: fault.name, where: 'calling WeChat', kept: isKept ? 'the remark' : 'the remark there was' },
          sees: status === 200 ? `200 with errcode ${errcode}` : String(status),
        };
      }),
    );
  },
};

export const BACK_OFFICE_SCENARIOS = [reading, signingIn, rollingUp, calling];
