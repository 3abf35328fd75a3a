import { setTimeout as sleepFor } from 'node:timers/promises';
import { INTERACTIONS } from '../../lib/contract/interactions.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, showingFollowers, wechatRoutesOf } from '../../lib/http/endpoint.ts';
import { readConfig } from '../../lib/platform/config.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import { pendingTable } from '../../lib/tables/pending.ts';
import { account } from '../../lib/wechat/account.ts';
import type { WeChatClient } from '../../lib/wechat/api/client.ts';
import { followerIn, forwards, historyIn, messageTo } from './input.ts';
import { SENDING_MS, type SendPorts, sendToFollower } from './send-message.ts';
import { pageToJson } from './to-json.ts';
import { windowOf } from './window.ts';

export type Ports = Omit<SendPorts, 'wechat'> & { readonly wechat: WeChatClient };

export const interactions = ({ wechat: client, ...ports }: Ports) => {
  const route = wechatRoutesOf(INTERACTIONS, client, SENDING_MS);
  return [
    showingFollowers(
      route('GET /interactions', 'interactions:read', async (query) =>
        pageToJson(await ports.history.ofEveryone(forwards(query))),
      ),
    ),
    showingFollowers(
      route('GET /interactions/{openid}', 'interactions:read', async (query, { params, now }) => {
        const openid = historyIn(params);
        const window = await windowOf(ports.history, openid, now);
        return { openid, window, ...pageToJson(await ports.history.ofFollower(openid, forwards(query))) };
      }),
    ),
    route('POST /interactions/{openid}', 'interactions:reply', (body, { operator, params, wechat, http }) => {
      const message = messageTo(followerIn(params), body, http);
      return sendToFollower({ ...ports, wechat }, { ...message, operator: operator.username });
    }),
  ];
};

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
