import { setTimeout as sleepFor } from 'node:timers/promises';
import { INTERACTIONS } from '../../lib/contract/interactions.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, routesOf, showingFollowers } from '../../lib/http/endpoint.ts';
import { readConfig } from '../../lib/platform/config.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import { pendingTable } from '../../lib/tables/pending.ts';
import { account } from '../../lib/wechat/account.ts';
import { followerIn, forwards, historyIn, messageTo } from './input.ts';
import { type Ports, sendToFollower } from './send-message.ts';
import { pageToJson } from './to-json.ts';
import { windowOf } from './window.ts';

const route = routesOf(INTERACTIONS);

export const interactions = (ports: Ports) => [
  showingFollowers(
    route('GET /interactions', 'interactions:read', async (asked) =>
      pageToJson(ports.history.ofEveryone(forwards(asked))),
    ),
  ),
  showingFollowers(
    route('GET /interactions/{openid}', 'interactions:read', async (asked, { params, now }) => {
      const openid = historyIn(params);
      const window = await windowOf(ports.history, openid, now);
      return { openid, window, ...(await pageToJson(ports.history.ofFollower(openid, forwards(asked)))) };
    }),
  ),
  route('POST /interactions/{openid}', 'interactions:reply', (body, { operator, params, deadline, http }) => {
    const message = messageTo(followerIn(params), body, http);
    return sendToFollower(ports, { ...message, operator: operator.username, deadline });
  }),
];

const office = backOffice();
const { db, now } = office;
const config = readConfig(['INTERACTIONS_TABLE', 'INTERACTION_SHARDS', 'INTERACTION_RETENTION_DAYS', 'PENDING_TABLE']);

export const handler = endpoint(
  interactions({
    wechat: account(),
    history: history(db, config.INTERACTIONS_TABLE, {
      shards: config.INTERACTION_SHARDS,
      retentionDays: config.INTERACTION_RETENTION_DAYS,
      now,
    }),
    pending: pendingTable(db, config.PENDING_TABLE, now),
    now,
    sleep: sleepFor,
  }),
  office,
);
