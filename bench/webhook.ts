import { placed } from '../lib/interactions/interaction.ts';
import { sortKeyOf } from '../lib/interactions/keys.ts';
import { APP_ID, KEY, TOKEN } from '../test/support/callback.ts';
import { bundleBaseline, bundleFunction, bundleWebhook } from './bundles.ts';
import type { Effort, Row, Section } from './section.ts';
import { withDatabase } from './setup.ts';
import { callsOf, deliveries, MODES, type Mode } from './webhook-calls.ts';

const COUNT = {
  full: { work: 20_000, recorded: 3_000 },
  smoke: { work: 50, recorded: 20 },
} as const satisfies Record<Effort, object>;

const AIM_MS = { plain: 0.08, safe: 0.12 } as const satisfies Record<Mode, number>;
const REPLIES = { success: null, 'a text': { type: 'text', content: '营业到晚上九点，欢迎光临。' } };

export const webhook: Section = {
  title: 'One delivery at a time through the webhook',
  about:
    'The bundle as deployed, its log to /dev/null. Own work is everything but the write: p50 at most ' +
    `${AIM_MS.plain} ms in plain and ${AIM_MS.safe} ms in safe mode (2 cores, Node 20). Recorded: with the conditional PutItem to the embedded database.`,
  measure: (effort) =>
    withDatabase(async () => {
      const { file } = await bundleFunction('webhook');
      const work = await bundleWebhook();
      const rows: Row[] = [];
      for (const mode of Object.keys(MODES) as Mode[]) {
        for (const [said, reply] of Object.entries(REPLIES)) {
          const calls = await callsOf({
            file: work.file,
            inputs: deliveries(mode, COUNT[effort].work),
            withoutWrite: { account: { appId: APP_ID, token: TOKEN, keys: [KEY.toString('base64')], mode }, reply },
          });
          rows.push({ call: `own work, ${mode}, answers ${said}`, ...calls, 'aim p50 ms': AIM_MS[mode] });
        }
      }
      const bare = await bundleBaseline('bare client');
      const barePuts = () => callsOf({ file: bare.file, inputs: items(COUNT[effort].recorded) });
      await barePuts(); // The database is slower at first.
      for (const mode of Object.keys(MODES) as Mode[]) {
        const calls = await callsOf({ file, mode, inputs: deliveries(mode, COUNT[effort].recorded) });
        rows.push({ call: `recorded, ${mode}`, ...calls });
      }
      rows.push({ call: 'bare conditional PutItem', ...(await barePuts()) });
      return rows;
    }),
};

let messages = 24_300_000_000_000_000n;

/** The records of as many deliveries. */
function items(count: number): object[] {
  const now = Date.now();
  return Array.from({ length: count }, (_, index) => {
    const msg_id = String(++messages);
    return {
      openid: `oBare${index % 500}`,
      created: sortKeyOf(Math.floor(now / 1000), msg_id),
      ...placed({ shards: 2, retentionDays: undefined }, now, msg_id),
      direction: 'in',
      kind: 'text',
      details: { msg_id, type: 'text', content: '你好，请问今天营业到几点？' },
      reply: null,
    };
  });
}
