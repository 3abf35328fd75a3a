import { signedIn } from '../test/support/account.ts';
import { call } from '../test/support/events.ts';
import { followerAt, loadInteractions } from './interactions.ts';
import type { Effort, Row, Section } from './section.ts';
import { type Metered, withMeter } from './setup.ts';
import { quantile } from './statistics.ts';

const LOADED = { full: [1_000, 10_000, 100_000, 1_000_000], smoke: [100, 200] } as const satisfies Record<
  Effort,
  readonly number[]
>;
const CALLS = { full: 30, smoke: 2 } as const satisfies Record<Effort, number>;
const DAY_MS = 86_400_000;

/** A fixed noon, so that the first page never has to look at the day before. */
const TO = Date.parse('2026-01-31T12:00:00Z');
const FROM = TO - 20 * DAY_MS;

export const history: Section = {
  title: 'The first page of the history',
  about: 'A page of 20, read through the handler, while the table grows. Aim: time and units stay the same.',
  measure: (effort) => withMeter((metered) => measured(metered, effort)),
};

async function measured({ account, spentBy }: Metered, effort: Effort): Promise<Row[]> {
  const token = await signedIn();
  const handler = await account.handler('interactions');
  const query = { limit: '20', to: new Date(TO).toISOString() };
  const pages = { everyone: '/interactions', 'one follower': `/interactions/${followerAt(1)}` };
  const rows: Row[] = [];
  let loaded = 0;
  for (const count of LOADED[effort]) {
    await loadInteractions({ count: count - loaded, from: FROM + loaded, to: TO });
    loaded = count;
    for (const [whose, path] of Object.entries(pages)) {
      const spent = [];
      for (let each = 0; each < CALLS[effort]; each++) {
        spent.push(await spentBy(() => fullPage(call(handler, `GET /api/v0.1${path}`, { token, query }))));
      }
      const times = spent.map(({ ms }) => ms);
      rows.push({
        page: whose,
        interactions: count,
        queries: spent[0]?.calls ?? 0,
        'read units': spent[0]?.readUnits ?? 0,
        'p50 ms': quantile(times, 0.5),
        'p99 ms': quantile(times, 0.99),
      });
    }
  }
  return rows;
}

/** The smoke run's follower has fewer than a page. */
async function fullPage(answer: Promise<{ status?: number | undefined; json: unknown }>): Promise<void> {
  const { status, json } = await answer;
  const { interactions = [] } = json as { interactions?: unknown[] };
  if (status !== 200 || interactions.length === 0) throw new Error(`answered ${status}: ${JSON.stringify(json)}`);
}
