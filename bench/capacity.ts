import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { backOffice } from '../lib/http/back-office.ts';
import { hashing } from '../lib/operators/passwords.ts';
import { signedIn } from '../test/support/account.ts';
import { plain, textMessage } from '../test/support/callback.ts';
import { call } from '../test/support/events.ts';
import { anOperator } from '../test/support/operators.ts';
import { followerAt, loadInteractions } from './interactions.ts';
import type { Effort, Row, Section } from './section.ts';
import { type Metered, withMeter } from './setup.ts';

const INTERACTIONS = { full: 5_000, smoke: 100 } as const satisfies Record<Effort, number>;
const DAY_MS = 86_400_000;
const PASSWORD = 'a password of the benchmark';

export const capacity: Section = {
  title: 'DynamoDB capacity units per operation',
  about:
    'A recorded message: one write to the table and one to its index, no read (the reply rules are kept 30 s). A /cgi-bin call: one read (the operator ' +
    'and the administrators together, consistent: 1 unit each); the access_token is in memory after the first.',
  measure: (effort) => withMeter((metered) => measured(metered, INTERACTIONS[effort])),
};

async function measured({ account, spentBy }: Metered, interactions: number): Promise<Row[]> {
  const rows: Row[] = [];
  const metered = async (operation: string, run: () => Promise<unknown>) => {
    const { calls, readUnits, writeUnits } = await spentBy(run);
    rows.push({ operation, calls, 'read units': readUnits, 'write units': writeUnits });
  };

  process.env.WECHAT_MESSAGE_MODE = 'plain';
  const webhook = await account.handler('webhook');
  delete process.env.WECHAT_MESSAGE_MODE;
  const now = Date.now();
  const message = () => plain(textMessage('你好', { created: Math.floor(now / 1000) }), { time: now });
  const deliver = (delivery: APIGatewayProxyEventV2) => answered(200, webhook(delivery, {} as Context));
  const second = message();
  await metered('the first message, for which the reply rules are read', () => deliver(message()));
  await metered('a message is recorded', () => deliver(second));
  await metered('the same delivery again', () => deliver(second));

  const token = await signedIn();
  const tags = await account.handler('tags');
  const changeTags = (name: string) => call(tags, 'POST /api/v0.1/cgi-bin/tags', { token, body: { name } });
  const listTags = () => call(tags, 'GET /api/v0.1/cgi-bin/tags', { token });
  await metered('the first /cgi-bin call, without an access_token', () => answered(200, listTags()));
  await metered('a /cgi-bin call that reads', () => answered(200, listTags()));
  await metered('a /cgi-bin call that changes (with its audit entry)', () => answered(200, changeTags('广东')));

  const login = await account.handler('login');
  await makeOperator('bench');
  const signIn = (password: string) => call(login, 'POST /api/v0.1/login', { body: { username: 'bench', password } });
  await metered('sign-in', () => answered(200, signIn(PASSWORD)));
  await metered('sign-in again from the same address', () => answered(200, signIn(PASSWORD)));
  await metered('sign-in with a wrong password', () => answered(401, signIn('not the password')));
  await metered('who am I', () => answered(200, call(login, 'GET /api/v0.1/login', { token })));

  await loadInteractions({ count: interactions, from: now - 3 * DAY_MS, to: now });
  const pages = await account.handler('interactions');
  const get = (path: string) => call(pages, `GET /api/v0.1${path}`, { token, query: { limit: '20' } });
  await metered('first page of 20 of everyone’s history', () => answered(200, get('/interactions')));
  await metered('first page of 20 of a follower’s', () => answered(200, get(`/interactions/${followerAt(0)}`)));

  const insights = await account.handler('insights');
  const threeDays = { from: new Date(now - 3 * DAY_MS).toISOString(), by: 'day' };
  const ask = () => call(insights, 'GET /api/v0.1/insights', { token, query: threeDays });
  await metered(`insights of 3 days, no hour rolled up (${interactions.toLocaleString('en')} interactions)`, () =>
    answered(200, ask()),
  );
  const { handler: rollup } = await import('../functions/rollup/handler.ts');
  await metered('the rollup of 72 hours', () => rollup({}, { getRemainingTimeInMillis: () => 600_000 }));
  await metered('the rollup with nothing to do', () => rollup({}, { getRemainingTimeInMillis: () => 600_000 }));
  await metered('insights of the same 3 days, rolled up', () => answered(200, ask()));
  return rows;
}

async function makeOperator(username: string): Promise<void> {
  const password = await hashing().hash(PASSWORD);
  await backOffice().operators.create(anOperator(username, { password }));
}

/** Fails if a measured call did not succeed. */
async function answered(expected: number, answer: Promise<Partial<Record<'status' | 'statusCode' | 'body', unknown>>>) {
  const { statusCode, status = statusCode, body } = await answer;
  const isRefused = expected === 200 && /"errcode":(?!0)/.test(String(body));
  if (status !== expected || isRefused) throw new Error(`answered ${status}, not ${expected}: ${body}`);
}
