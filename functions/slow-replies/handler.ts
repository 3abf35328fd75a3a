import { documentClient } from '../../lib/aws/dynamodb.ts';
import { placementOf } from '../../lib/interactions/interaction.ts';
import { readConfig } from '../../lib/platform/config.ts';
import { slowReplyRun } from '../../lib/slow-replies/run.ts';
import { recorder } from '../../lib/tables/interactions/record.ts';
import { slowRepliesTable } from '../../lib/tables/slow-replies.ts';
import { account } from '../../lib/wechat/account.ts';
import { replies } from '../webhook/replies.ts';

const config = readConfig([
  'WECHAT_APP_ID',
  'INTERACTIONS_TABLE',
  'INTERACTION_SHARDS',
  'INTERACTION_RETENTION_DAYS',
  'PENDING_TABLE',
  'DYNAMODB_ENDPOINT',
]);
const db = documentClient(config);

/**
 * Input: `{"delivery", "sortKey", "kind"}`, invoked asynchronously by the webhook. Never fails; Lambda retries a killed
 * run once, after a minute.
 */
export const handler = slowReplyRun({
  handlers: replies,
  table: slowRepliesTable(db, config.PENDING_TABLE, { account: config.WECHAT_APP_ID }),
  record: recorder(db, config.INTERACTIONS_TABLE, placementOf(config)),
  wechat: account(),
  now: Date.now,
  sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
});
