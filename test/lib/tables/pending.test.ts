import { documentClient } from '../../../lib/aws/dynamodb.ts';
import { type Claim, pendingTable } from '../../../lib/tables/pending.ts';
import { flakyDatabase } from '../../support/flaky-database.ts';
import { database, makeTables, tableNamed } from '../../support/tables.ts';

const DAY_MS = 86_400_000;

let time = Date.parse('2026-05-01T08:00:00Z');
const pending = pendingTable(database(), tableNamed('pending'), () => time);

const aSend = (key: string, digest = 'hello') => ({ operator: 'ming', key, digest, openid: 'o-follower' });

async function claimed(key: string): Promise<Claim> {
  const answer = await pending.claimSend(aSend(key));
  if (answer.state !== 'claimed') throw new Error(`it is ${answer.state}`);
  return answer.claim;
}

beforeAll(makeTables);

it('lets one of many send', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => pending.claimSend(aSend('many'))));

  expect(answers.filter(({ state }) => state === 'claimed')).toHaveLength(1);
  expect(answers.filter(({ state }) => state === 'unanswered')).toHaveLength(19);
});

it('answers what was stored', async () => {
  const result = { errcode: 0, errmsg: 'ok', recorded: false, detail: '已发送' };
  expect(await pending.storeSendResult(await claimed('stored'), result)).toBe(true);

  expect(await pending.claimSend(aSend('stored'))).toEqual({ state: 'answered', result });
});

it.each(['with a result', 'without one'])('refuses something else under the same key, %s', async (how) => {
  const claim = await claimed(how);
  if (how === 'with a result') await pending.storeSendResult(claim, {});

  expect(await pending.claimSend(aSend(how, 'bye'))).toEqual({ state: 'different' });
});

it("keeps operators' keys apart", async () => {
  await claimed('shared');

  expect(await pending.claimSend({ ...aSend('shared'), operator: 'hua' })).toMatchObject({ state: 'claimed' });
});

it('may be sent again when the claim was given back, also something else', async () => {
  expect(await pending.releaseSend(await claimed('released'))).toBe(true);

  expect(await pending.claimSend(aSend('released', 'bye'))).toMatchObject({ state: 'claimed' });
});

it('forgets a claim after 24 hours and no second before', async () => {
  await claimed('expiring');

  time += DAY_MS - 1_000;
  expect(await pending.claimSend(aSend('expiring'))).toEqual({ state: 'unanswered' });
  time += 1_000;
  expect(await pending.claimSend(aSend('expiring'))).toMatchObject({ state: 'claimed' });
});

it('keeps what belongs to the next claim from one that has expired', async () => {
  const first = await claimed('passed-on');
  time += DAY_MS;
  await claimed('passed-on');

  expect(await pending.storeSendResult(first, { errcode: 0 })).toBe(false);
  expect(await pending.releaseSend(first)).toBe(false);
  expect(await pending.claimSend(aSend('passed-on'))).toEqual({ state: 'unanswered' });
});

it('knows its own claim when the answer of the write was lost', async () => {
  const flaky = await flakyDatabase((call) => (call === 1 ? 'cut after' : 'ok'));
  const behind = pendingTable(documentClient({ DYNAMODB_ENDPOINT: flaky.url }), tableNamed('pending'), () => time);

  expect(await behind.claimSend(aSend('lost'))).toMatchObject({ state: 'claimed' });
  flaky.close();
});
