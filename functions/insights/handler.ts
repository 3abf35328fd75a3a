import { INSIGHTS } from '../../lib/contract/insights.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, routesOf } from '../../lib/http/endpoint.ts';
import { hashesUnder } from '../../lib/insights/sketches/hash.ts';
import { readConfig } from '../../lib/platform/config.ts';
import { insightsTable } from '../../lib/tables/insights.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import { type Ports, report } from './report.ts';

const route = routesOf(INSIGHTS);

/** `GET /insights?from=&to=&by=&timezone=`: the followers' behaviour in each period, in total, and in the time before. */
export const insights = (ports: Ports) => [
  route('GET /insights', 'insights:read', (query, { now }) => report(ports, query, now)),
];

const office = backOffice();
const { db, now } = office;
const config = readConfig(['INTERACTIONS_TABLE', 'INTERACTION_SHARDS', 'INSIGHTS_TABLE', 'PSEUDONYM_KEY']);

export const handler = endpoint(
  insights({
    history: history(db, config.INTERACTIONS_TABLE, { shards: config.INTERACTION_SHARDS, retentionDays: undefined }),
    hashes: hashesUnder(config.PSEUDONYM_KEY),
    rows: insightsTable(db, config.INSIGHTS_TABLE),
    now,
  }),
  office,
);
