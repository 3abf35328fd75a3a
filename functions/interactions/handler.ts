import { setTimeout as sleepFor } from 'node:timers/promises';
import { account } from '../../lib/account.ts';
import { readConfig } from '../../lib/config.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, route } from '../../lib/http/endpoint.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import { pendingTable } from '../../lib/tables/pending.ts';
import { answerFollower, type Ports } from './answer.ts';
import { messageTo, ofEveryone, ofFollower } from './asked.ts';
import { shownPage } from './shown.ts';
import { windowOf } from './window.ts';

export const interactions = (ports: Ports) => [
  route('GET /interactions', 'interactions:read', ofEveryone, async (asked) =>
    shownPage(ports.history.ofEveryone(asked)),
  ),
  route('GET /interactions/{openid}', 'interactions:read', ofFollower, async ({ openid, ...asked }, { now }) => ({
    openid,
    window: await windowOf(ports.history, openid, now),
    ...(await shownPage(ports.history.ofFollower(openid, asked))),
  })),
  route('POST /interactions/{openid}', 'interactions:reply', messageTo, (message, { operator, deadline }) =>
    answerFollower(ports, { ...message, operator: operator.username, deadline }),
  ),
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
