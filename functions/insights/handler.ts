import * as v from 'valibot';
import { readConfig } from '../../lib/config.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, route } from '../../lib/http/endpoint.ts';
import { query } from '../../lib/http/input.ts';
import { insightsTable } from '../../lib/tables/insights.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import { type Ports, report } from './report.ts';

const Asked = v.strictObject({
  from: v.optional(v.string()),
  to: v.optional(v.string()),
  by: v.optional(v.picklist(['hour', 'day', 'week'], 'must be hour, day or week'), 'day'),
  timezone: v.optional(v.string(), 'Asia/Shanghai'),
});

/** `GET /insights?from=&to=&by=&timezone=`: how followers behaved in each period, and altogether, and before. */
export const insights = (ports: Ports) => [
  route('GET /insights', 'insights:read', query(Asked), (asked, { now }) => report(ports, asked, now)),
];

const office = backOffice();
const { db, now } = office;
const config = readConfig(['INTERACTIONS_TABLE', 'INTERACTION_SHARDS', 'INSIGHTS_TABLE']);

export const handler = endpoint(
  insights({
    history: history(db, config.INTERACTIONS_TABLE, { shards: config.INTERACTION_SHARDS, retentionDays: undefined }),
    rows: insightsTable(db, config.INSIGHTS_TABLE),
    now,
  }),
  office,
);
