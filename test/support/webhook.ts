import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { type Ports, webhook } from '../../functions/webhook/webhook.ts';
import type { Interaction } from '../../lib/interactions/interaction.ts';
import { recorder } from '../../lib/tables/interactions/record.ts';
import type { MessageMode } from '../../lib/wechat/callback/callback.ts';
import { APP_ID, KEY, NOW, TOKEN } from './callback.ts';
import { database, tableNamed } from './tables.ts';

export const recordingIn = (db: DynamoDBDocumentClient) =>
  recorder(db, tableNamed('interactions'), { shards: 2, retentionDays: undefined });

/** One instance of the webhook, with a client of its own, that greets everybody by repeating what they said. */
export const instance = (mode: MessageMode = 'safe', ports: Partial<Ports> = {}) =>
  webhook({
    account: { appId: APP_ID, token: TOKEN, keys: [KEY], mode },
    record: recordingIn(database()),
    decide: async (delivery) => ({
      reply: delivery.type === 'text' ? { type: 'text', content: delivery.content } : null,
    }),
    now: () => NOW,
    sleep: async () => undefined,
    ...ports,
  });

/** Everything in the table, as no function of the service can read it. */
export async function everyInteraction(): Promise<Interaction[]> {
  const found: Interaction[] = [];
  for await (const page of paginateScan({ client: database() }, { TableName: tableNamed('interactions') })) {
    found.push(...((page.Items ?? []) as Interaction[]));
  }
  return found;
}
