import { EventEmitter, once } from 'node:events';
import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { refresher } from '../../../functions/access-token/refresh.ts';
import { credentialsTable } from '../../../lib/tables/credentials.ts';
import { type Renew, renewByInvoking } from '../../../lib/wechat/access-token-function.ts';
import { accountClient } from '../../../lib/wechat/account.ts';
import type { WeChat } from '../../../lib/wechat/api/client.ts';
import { WeChatError } from '../../../lib/wechat/api/error.ts';
import { fetchToken } from '../../../lib/wechat/api/token.ts';
import { SIMULATED_ACCOUNT } from '../../../local/simulator/account.ts';
import { createSimulatedWeChat } from '../../../local/simulator/app.ts';
import type { AccountState } from '../../../local/simulator/state.ts';
import { patientDatabase, startLambda } from '../../support/account.ts';
import { makeTables, tableNamed } from '../../support/tables.ts';

const TAGS = { tags: [{ id: 2, name: '星标组', count: 0 }] };
const MINUTE = 60_000;
const LIFE = 7_200_000;

let db: DynamoDBDocumentClient;
const closing: (() => Promise<void>)[] = [];
let accounts = 0;

beforeAll(async () => {
  db = patientDatabase();
  await makeTables();
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** An account of its own: the simulated WeChat, the access-token function over HTTP, and any number of processes. */
async function anAccount({ appSecret = SIMULATED_ACCOUNT.appSecret } = {}) {
  const appId = `wx${String(++accounts).padStart(16, '0')}`;
  const clock = { time: Date.now() };
  const now = () => clock.time;
  const gate = new EventEmitter();
  const simulated = createSimulatedWeChat({
    accounts: [{ ...SIMULATED_ACCOUNT, appId }],
    now,
    sleep: () => once(gate, 'open'),
  });

  const wechat = { origin: 'https://api.weixin.qq.com', fetch: simulated.fetch, now };
  let token_calls = 0;
  const credentials = credentialsTable(db, tableNamed('credentials'), appId);
  const refresh = refresher({
    credentials,
    fetchToken: () => {
      token_calls++;
      return fetchToken({ appId, appSecret, endpoint: 'stable_token', ...wechat });
    },
    endpoint: 'stable_token',
    now,
  });
  const lambda = await startLambda((asked) => refresh(asked as object));
  closing.push(lambda.close);
  const config = { ACCESS_TOKEN_FUNCTION: 'a-stage-access-token', LAMBDA_ENDPOINT: lambda.url };
  return {
    clock,
    simulated,
    /** Lets the calls go on that the fault `slow` holds. */
    release: () => gate.emit('open'),
    state: simulated.state.accounts[appId] as AccountState,
    credentials,
    invocations: lambda.invocations,
    tokenCalls: () => token_calls,
    process: (): WeChat => accountClient({ credentials, renew: renewByInvoking(config), ...wechat }),
    /** As many processes as asked for, which need no connection each to invoke the function. */
    processes: (count: number): WeChat[] =>
      Array.from({ length: count }, () => accountClient({ credentials, renew: directly(refresh), ...wechat })),
  };
}

const listTags = (wechat: WeChat) => wechat('/cgi-bin/tags/get');

/** How often the table is read while something runs. */
async function readsOf(work: () => Promise<unknown>): Promise<number> {
  let reads = 0;
  db.middlewareStack.add(
    (next) => async (call) => {
      reads++;
      return next(call);
    },
    { step: 'initialize', name: 'count', override: true },
  );
  await work();
  db.middlewareStack.remove('count');
  return reads;
}

it('counts what it counts', async () => {
  const get = new GetCommand({ TableName: tableNamed('credentials'), Key: { pk: 'nobody' } });
  expect(await readsOf(() => Promise.all([db.send(get), db.send(get)]))).toBe(2);
});

describe('a cold start', () => {
  it('of the whole service asks the access-token function, once per process', async () => {
    const { process, invocations, tokenCalls } = await anAccount();
    const cold = process();
    expect(await Promise.all([listTags(cold), listTags(cold), listTags(cold)])).toEqual([TAGS, TAGS, TAGS]);
    expect(invocations).toEqual([{ name: 'a-stage-access-token', payload: {} }]);
    expect(tokenCalls()).toBe(1);
  });

  it('of one more process reads the kept token', async () => {
    const { process, invocations } = await anAccount();
    await listTags(process());
    const next = process();
    expect(await readsOf(() => listTags(next))).toBe(1);
    expect(await readsOf(() => listTags(next))).toBe(0);
    expect(invocations).toHaveLength(1);
  });

  it('of two hundred processes at once is one token call', async () => {
    const { processes, tokenCalls } = await anAccount();
    const answers = await Promise.all(processes(200).map(listTags));
    expect(answers).toEqual(Array(200).fill(TAGS));
    expect(tokenCalls()).toBe(1);
  });
});

describe('a token that WeChat ends early', () => {
  it.each([
    ['one process', 1],
    ['fifty processes', 50],
  ])('while 50 calls of %s are in flight costs one token call and no answer', async (_, count) => {
    const { processes: some, state, clock, tokenCalls } = await anAccount();
    const processes = some(count);
    await Promise.all(processes.map(listTags));
    end(state, clock.time);
    const calls = Array.from({ length: 50 }, (_, at) => listTags(processes[at % count] as WeChat));
    expect(await Promise.all(calls)).toEqual(Array(50).fill(TAGS));
    expect(tokenCalls()).toBe(2);
  });

  it('is found within the same call by a process whose token is two generations old', async () => {
    const { processes, state, clock, tokenCalls } = await anAccount();
    const [early, late] = processes(2) as [WeChat, WeChat];
    await Promise.all([listTags(early), listTags(late)]);
    end(state, clock.time);
    await listTags(early);
    end(state, clock.time);
    expect(await listTags(late)).toEqual(TAGS);
    expect(tokenCalls()).toBe(3);
  });

  it('is found by a hundred such processes with one token call', async () => {
    const { process, processes, state, clock, tokenCalls } = await anAccount();
    const [early, many] = [process(), processes(100)];
    await Promise.all([early, ...many].map(listTags));
    end(state, clock.time);
    await listTags(early);
    end(state, clock.time);
    expect(await Promise.all(many.map(listTags))).toEqual(Array(100).fill(TAGS));
    expect(tokenCalls()).toBe(3);
  });

  it('is reported once by a process, with the token', async () => {
    const { process, state, clock, invocations } = await anAccount();
    const wechat = process();
    await listTags(wechat);
    const refused = state.tokens[0]?.access_token;
    end(state, clock.time);
    await Promise.all(Array.from({ length: 10 }, () => listTags(wechat)));
    expect(invocations.slice(1)).toEqual([{ name: 'a-stage-access-token', payload: { refused } }]);
  });

  it('is not reported by a call that comes back late to a process that has another', async () => {
    const { process, simulated, release, state, clock, invocations } = await anAccount();
    const wechat = process();
    await listTags(wechat);
    simulated.faults.push({ path: '/cgi-bin/tags/get', times: 1, fault: { kind: 'slow', ms: 1 } });
    const late = listTags(wechat);
    end(state, clock.time);
    await listTags(wechat);
    expect(release()).toBe(true);
    expect(await late).toEqual(TAGS);
    expect(invocations).toHaveLength(2);
  });

  it('and is reported late does not touch the new one', async () => {
    const { process, state, clock, tokenCalls, credentials } = await anAccount();
    const [early, late] = [process(), process()];
    await Promise.all([listTags(early), listTags(late)]);
    end(state, clock.time);
    await listTags(early);
    const renewed = await credentials.read({ consistent: true });
    clock.time += 5 * MINUTE;
    expect(await listTags(late)).toEqual(TAGS);
    expect(await credentials.read({ consistent: true })).toEqual(renewed);
    expect(tokenCalls()).toBe(2);
  });

  it("is WeChat's error if WeChat will hand out no other", async () => {
    const { process, simulated, tokenCalls } = await anAccount();
    simulated.faults.push({ path: '/cgi-bin/tags/get', times: 2, fault: { kind: 'errcode', errcode: 40001 } });
    const wechat = process();
    await expect(listTags(wechat)).rejects.toMatchObject({ code: 'WECHAT_REFUSED', errcode: 40001 });
    await expect(listTags(wechat)).rejects.toMatchObject({ code: 'WECHAT_REFUSED', errcode: 40001 });
    expect(tokenCalls()).toBe(2);
    expect(await listTags(wechat)).toEqual(TAGS);
  });
});

it('keeps the token until a minute before it expires', async () => {
  const { process, clock, invocations } = await anAccount();
  const wechat = process();
  const start = clock.time;
  await listTags(wechat);
  clock.time = start + LIFE - MINUTE - 2_000;
  expect(await readsOf(() => listTags(wechat))).toBe(0);
  clock.time = start + LIFE - MINUTE;
  expect(await listTags(wechat)).toEqual(TAGS);
  expect(invocations).toHaveLength(2);
});

describe('without a token', () => {
  it('answers what WeChat said to the access-token function', async () => {
    const { process } = await anAccount({ appSecret: 'wrong' });
    await expect(listTags(process())).rejects.toMatchObject({
      name: 'WeChatError',
      code: 'WECHAT_REFUSED',
      errcode: 40125,
      detail: expect.stringContaining('WECHAT_APP_SECRET'),
    });
  });

  it('asks again with the next call', async () => {
    const { process, state, clock } = await anAccount();
    const wechat = process();
    state.allowed_ips = ['192.0.2.1'];
    await expect(listTags(wechat)).rejects.toMatchObject({ errcode: 40164 });
    state.allowed_ips = null;
    clock.time += MINUTE;
    expect(await listTags(wechat)).toEqual(TAGS);
  });
});

describe('the access-token function', () => {
  const invoking = async (run: () => Promise<unknown>) => {
    const lambda = await startLambda(run);
    closing.push(lambda.close);
    return renewByInvoking({ ACCESS_TOKEN_FUNCTION: 'access-token', LAMBDA_ENDPOINT: lambda.url })({});
  };

  it.each([
    ['ends with Unhandled', () => Promise.reject(new Error('Task timed out'))],
    ['its result has no token', () => Promise.resolve({})],
  ])('that %s makes WeChat unreachable', async (why, run) => {
    await expect(invoking(run)).rejects.toMatchObject({
      code: 'WECHAT_UNREACHABLE',
      errcode: 502,
      detail: expect.stringContaining(why.replace('ends', 'ended')),
    });
  });

  it('that is not there makes WeChat unreachable', async () => {
    const renew = renewByInvoking({ ACCESS_TOKEN_FUNCTION: 'access-token', LAMBDA_ENDPOINT: 'http://127.0.0.1:9' });
    await expect(renew({})).rejects.toMatchObject({
      code: 'WECHAT_UNREACHABLE',
      detail: expect.stringContaining('it could not be invoked'),
    });
  });
});

/** As if invoked: what is answered as an error is thrown. */
const directly =
  (refresh: ReturnType<typeof refresher>): Renew =>
  async (asked) => {
    const answer = await refresh(asked);
    if ('error' in answer) throw new WeChatError(answer.error);
    return answer;
  };

/** WeChat ends every token early. */
function end(state: AccountState, now: number): void {
  for (const token of state.tokens) token.until = now;
}
