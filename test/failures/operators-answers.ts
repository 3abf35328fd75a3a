import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { refresher } from '../../functions/access-token/refresh.ts';
import { interactions } from '../../functions/interactions/handler.ts';
import { endpoint } from '../../lib/http/endpoint.ts';
import { credentialsTable } from '../../lib/tables/credentials.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import { pendingTable } from '../../lib/tables/pending.ts';
import { accountClient } from '../../lib/wechat/account.ts';
import { unreachable } from '../../lib/wechat/api/error.ts';
import { fetchToken } from '../../lib/wechat/api/token.ts';
import { SIMULATED_ACCOUNT } from '../../local/simulator/account.ts';
import { createSimulatedWeChat } from '../../local/simulator/app.ts';
import { signedIn } from '../support/account.ts';
import { NOW } from '../support/callback.ts';
import { call } from '../support/events.ts';
import { logged } from '../support/logged.ts';
import { database, tableNamed } from '../support/tables.ts';
import { interactionsOf } from './deliveries.ts';
import { type Call, FAULTS, faultyDatabase } from './faulty-database.ts';
import { fewAtOnce } from './few-at-once.ts';
import { mortal } from './mortal.ts';
import { officeOn } from './office.ts';
import type { Outcome, Scenario } from './outcomes.ts';
import { failingOn, WECHAT_FAULTS } from './wechat-faults.ts';

const SENDING = '/cgi-bin/message/custom/send';
const ORIGIN = 'https://api.weixin.qq.com';
const now = () => NOW;

let accounts = 0;

/** An account with a token in its table, a follower who has just written, and an operator with an Idempotency-Key. */
async function world({ hasToken = true } = {}) {
  const appId = `wxoperator${String(++accounts).padStart(8, '0')}`;
  const openid = `oAnswered${accounts}`;
  const simulated = createSimulatedWeChat({ accounts: [{ ...SIMULATED_ACCOUNT, appId }], now });
  simulated.act({ openid, msgtype: 'text' });
  const { appSecret } = SIMULATED_ACCOUNT;
  const endpointOf = 'stable_token';
  const refresh = refresher({
    credentials: credentialsTable(database(), tableNamed('credentials'), appId),
    fetchToken: () =>
      fetchToken({ appId, appSecret, endpoint: endpointOf, origin: ORIGIN, fetch: simulated.fetch, now }),
    endpoint: endpointOf,
    now,
  });
  if (hasToken) await refresh();
  const token = await signedIn(['interactions:reply'], now);

  /** A process of the interactions function. */
  const process = ({ db = database(), fetch = simulated.fetch } = {}) => {
    const renew = () => Promise.reject(unreachable('access_token', 'It cannot be invoked.'));
    const wechat = accountClient({
      credentials: credentialsTable(db, tableNamed('credentials'), appId),
      ...{ renew, origin: ORIGIN, fetch, now },
    });
    return endpoint(
      interactions({
        wechat,
        history: history(db, tableNamed('interactions'), { shards: 2, retentionDays: undefined, now }),
        pending: pendingTable(db, tableNamed('pending'), now),
        ...{ now, sleep: async () => undefined },
      }),
      officeOn(db, now),
    );
  };

  const ask = (handler: ReturnType<typeof process>) =>
    call(handler, `POST /api/v0.1/interactions/${openid}`, {
      token,
      headers: { 'idempotency-key': 'once' },
      body: { msgtype: 'text', text: { content: '您好' } },
    });

  const counts = async () => ({
    sent: simulated.sent(openid).length,
    kept: (await interactionsOf(openid)).length,
    audited: await auditedOf(openid),
  });
  return { openid, simulated, refresh, process, ask, counts };
}

type World = Awaited<ReturnType<typeof world>>;
type Answer = Awaited<ReturnType<World['ask']>>;

async function auditedOf(openid: string): Promise<number> {
  const { Items = [] } = await database().send(
    new QueryCommand({
      TableName: tableNamed('audit'),
      KeyConditionExpression: '#month = :month',
      ExpressionAttributeNames: { '#month': 'month' },
      ExpressionAttributeValues: { ':month': new Date(NOW).toISOString().slice(0, 7) },
    }),
  );
  return Items.filter(({ target }) => target === openid).length;
}

type Counts = Awaited<ReturnType<World['counts']>>;

const inWords = ({ sent, kept, audited }: Counts): string =>
  [sent > 0 ? 'sent' : 'not sent', kept > 0 ? 'in the history' : undefined, audited > 0 ? 'in the audit' : undefined]
    .filter(Boolean)
    .join(', ');

function answerInWords({ status, json }: Answer): string {
  const { errcode, errmsg, recorded } = json as { errcode: number; errmsg: string; recorded?: boolean };
  if (errcode === 0) return recorded === false ? '200, told that the history lacks it' : '200';
  return status === 200 ? `200 with errcode ${errcode}` : `${status} ${errmsg}`;
}

/**
 * The operator repeats the request when all is well again. Never is anything sent twice; what was sent is in the
 * history, unless the operator has been told that it is not, or that it is not known.
 */
async function repeated({ ask, process, counts, refresh }: World, first: Answer | undefined): Promise<string> {
  const before = await counts();
  await refresh();
  const again = await ask(process());
  const after = await counts();
  expect([after.sent, after.kept].every((count) => count <= 1)).toBe(true);
  const isToldSo = [first, again].some((answer) =>
    /looks? at the history|Do not send it again/i.test(answer?.body ?? ''),
  );
  expect(after.kept === after.sent || isToldSo).toBe(true);
  expect(after.sent === 1 || isToldSo || again.status !== 200 || errcodeOf(again) !== 0).toBe(true);
  return `${answerInWords(again)}${after.sent > before.sent ? ', sent' : ''}`;
}

const errcodeOf = ({ json }: Answer): number => (json as { errcode: number }).errcode;

const isResult = ({ body }: Call): boolean => body.includes('claim = :mine');

const SITES: readonly (readonly [where: string, isIt: (call: Call) => boolean])[] = [
  ['authenticating the operator', ({ name }) => name === 'BatchGetItem operators'],
  ['claiming the Idempotency-Key', (call) => call.name === 'PutItem pending' && !isResult(call)],
  ['reading the token', ({ name }) => name === 'GetItem credentials'],
  ['writing the history', ({ name }) => name === 'PutItem interactions'],
  ['keeping the result with the key', (call) => call.name === 'PutItem pending' && isResult(call)],
  ['writing the audit', ({ name }) => name === 'PutItem audit'],
];

const tables: Scenario = {
  title: "An operator's message to a follower: DynamoDB fails",
  run: async () => {
    const log = logged();
    const isLogged = (openid: string) =>
      log.lines.some((line) => line.includes('missing from the audit') && line.includes(openid));
    const outcomes = await fewAtOnce(
      SITES.flatMap(([where, isIt]) =>
        FAULTS.map((fault) => async (): Promise<Outcome> => {
          const here = await world();
          const faulty = await faultyDatabase();
          faulty.fail((call) => (isIt(call) ? fault : undefined));
          const first = await here.ask(here.process({ db: faulty.db }));
          faulty.close();
          const kept = inWords(await here.counts()) + (isLogged(here.openid) ? ", the audit's entry in the log" : '');
          return { fault, where, kept, sees: `${answerInWords(first)}; again: ${await repeated(here, first)}` };
        }),
      ),
    );
    log.stop();
    return outcomes;
  },
};

const wechat: Scenario = {
  title: "An operator's message to a follower: WeChat fails",
  run: () =>
    fewAtOnce([
      ...WECHAT_FAULTS.map((fault) => async (): Promise<Outcome> => {
        const here = await world();
        const first = await here.ask(here.process({ fetch: failingOn(SENDING, fault, here.simulated) }));
        const kept = inWords(await here.counts());
        here.simulated.faults.length = 0;
        const sees = `${answerInWords(first)}; again: ${await repeated(here, first)}`;
        return { fault: fault.name, where: 'sending the message', kept, sees };
      }),
      async (): Promise<Outcome> => {
        const here = await world({ hasToken: false });
        const first = await here.ask(here.process());
        const kept = inWords(await here.counts());
        const sees = `${answerInWords(first)}; again: ${await repeated(here, first)}`;
        return { fault: 'the function cannot be invoked', where: 'asking access-token', kept, sees };
      },
    ]),
};

const STEPS = [
  'the operator was authenticated',
  'the Idempotency-Key was claimed',
  'the token was read',
  'WeChat took the message',
  'the history was written',
  'the result was kept with the key',
  'the audit was written',
];

const killed: Scenario = {
  title: "An operator's message to a follower: the process is killed",
  run: async () => {
    const living = await world();
    const whole = mortal();
    await living.ask(processOf(living, whole));
    expect(whole.steps).toHaveLength(STEPS.length);
    return fewAtOnce(
      ['nothing was done', ...STEPS].map((where, died) => async (): Promise<Outcome> => {
        const here = await world();
        const dying = mortal(died);
        void here.ask(processOf(here, dying));
        await dying.died;
        const kept = inWords(await here.counts());
        return {
          fault: 'killed',
          where: `when ${where}`,
          kept,
          sees: `503; again: ${await repeated(here, undefined)}`,
        };
      }),
    );
  },
};

const processOf = ({ process, simulated }: World, life: ReturnType<typeof mortal>) =>
  process({ db: life.using(database()), fetch: life.step('WeChat', simulated.fetch) });

export const OPERATORS_ANSWER_SCENARIOS = [tables, wechat, killed];
