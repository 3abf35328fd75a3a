import { documentClient } from '../../lib/aws/dynamodb.ts';
import { safe, textMessage } from '../support/callback.ts';
import { type Fault, flakyDatabase } from '../support/flaky-database.ts';
import { makeTables } from '../support/tables.ts';
import { everyInteraction, instance, recordingIn } from '../support/webhook.ts';

beforeAll(makeTables);

it('a record of 1,000 deliveries sent three times each in random order, every fifth call failing, has exactly 1,000', async () => {
  const faults: Fault[] = ['error 500', 'cut before', 'throttled', 'cut after'];
  const flaky = await flakyDatabase((call) => (call % 5 === 0 ? (faults[(call / 5) % 4] ?? 'ok') : 'ok'));
  const unlucky = instance('safe', { record: recordingIn(documentClient({ DYNAMODB_ENDPOINT: flaky.url })) });
  const sent = Array.from({ length: 1_000 }, (_, at) => textMessage(`no ${at}`, { from: `o-many-${at % 50}` }));
  const order = [...sent, ...sent, ...sent]
    .map((xml, at) => ({ xml, rank: (at * 7_919) % 3_001 }))
    .sort((a, b) => a.rank - b.rank);

  const queue = order.values();
  const work = async () => {
    for (const { xml } of queue) await unlucky(safe(xml));
  };
  await Promise.all(Array.from({ length: 40 }, work));
  flaky.close();

  const kept = (await everyInteraction()).filter(({ openid }) => openid.startsWith('o-many-'));
  expect(kept).toHaveLength(1_000);
  expect(new Set(kept.map(({ details }) => details.content)).size).toBe(1_000);
});
