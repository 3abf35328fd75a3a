import type { Context } from 'aws-lambda';
import { documentClient } from '../../lib/aws/dynamodb.ts';
import { type RollUp, rollUp } from '../../lib/insights/roll-up.ts';
import { hashesUnder } from '../../lib/insights/sketches/hash.ts';
import { readConfig } from '../../lib/platform/config.ts';
import { log } from '../../lib/platform/log.ts';
import { metrics } from '../../lib/platform/metrics.ts';
import { insightsTable } from '../../lib/tables/insights.ts';
import { history } from '../../lib/tables/interactions/history.ts';

/** The remaining time needed to begin another hour; a very busy one takes about a minute to read. */
const TIME_FOR_AN_HOUR_MS = 120_000;

/** Run by a schedule. Failed hours are logged, do not stop the others, and fail the run, which Lambda retries. */
export const rollup =
  (ports: Omit<RollUp, 'isLate'>) =>
  async (_event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> => {
    const isLate = () => context.getRemainingTimeInMillis() < TIME_FOR_AN_HOUR_MS;
    const { hours, left, failed } = await rollUp({ ...ports, isLate });
    log.info('rolled up', { hours, left, failed: failed.length });
    if (failed.length > 0) throw new AggregateError(failed, `${failed.length} hours could not be rolled up`);
    log.info('rollup', metrics({ name: 'rollup_hours', value: hours, unit: 'Count' }));
  };

const config = readConfig([
  'INTERACTIONS_TABLE',
  'INTERACTION_SHARDS',
  'INSIGHTS_TABLE',
  'PSEUDONYM_KEY',
  'DYNAMODB_ENDPOINT',
]);
const db = documentClient(config);

export const handler = rollup({
  history: history(db, config.INTERACTIONS_TABLE, { shards: config.INTERACTION_SHARDS, retentionDays: undefined }),
  hashes: hashesUnder(config.PSEUDONYM_KEY),
  rows: insightsTable(db, config.INSIGHTS_TABLE),
  now: Date.now,
});
