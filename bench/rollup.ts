import { documentClient } from '../lib/aws/dynamodb.ts';
import { noFigures } from '../lib/insights/figures.ts';
import { readHours, unlimited } from '../lib/insights/read-hours.ts';
import { hashesUnder } from '../lib/insights/sketches/hash.ts';
import { store } from '../lib/insights/stored.ts';
import { history } from '../lib/tables/interactions/history.ts';
import { tableNamed } from '../test/support/tables.ts';
import { loadInteractions } from './interactions.ts';
import type { Effort, Row, Section } from './section.ts';
import { type Metered, withMeter } from './setup.ts';

const LOADED = { full: [1_000, 10_000, 100_000], smoke: [100, 200] } as const satisfies Record<
  Effort,
  readonly number[]
>;
const HOUR_MS = 3_600_000;
const FIRST = Date.parse('2026-01-31T00:00:00Z');

export const rollup: Section = {
  title: 'Summing up an hour',
  about: 'Reading an hour of interactions and making its row. Aim: linear in the hour, whatever else is in the table.',
  measure: (effort) => withMeter((metered) => measured(metered, effort)),
};

async function measured({ spentBy }: Metered, effort: Effort): Promise<Row[]> {
  const db = documentClient({ DYNAMODB_ENDPOINT: process.env.DYNAMODB_ENDPOINT });
  const kept = history(db, tableNamed('interactions'), { shards: 2, retentionDays: undefined });
  const hashes = hashesUnder('a key of the benchmark, of more than 32 bytes');
  const rows: Row[] = [];
  for (const [index, count] of LOADED[effort].entries()) {
    const from = FIRST + index * HOUR_MS;
    await loadInteractions({ count, from, to: from + HOUR_MS });
    let row = {};
    const { ms, calls, readUnits } = await spentBy(async () => {
      const hours = await readHours({ history: kept, hashes }, from, from + HOUR_MS, unlimited());
      row = store(hours.get(from) ?? noFigures(), () => []);
    });
    rows.push({
      interactions: count,
      ms,
      'µs each': (ms / count) * 1_000,
      queries: calls,
      'read units': readUnits,
      'row KB': Buffer.byteLength(JSON.stringify(row)) / 1_024,
    });
  }
  return rows;
}
