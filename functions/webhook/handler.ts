import { documentClient } from '../../lib/aws/dynamodb.ts';
import { placementOf } from '../../lib/interactions/interaction.ts';
import { readConfig } from '../../lib/platform/config.ts';
import { hasSlow } from '../../lib/replies/handlers.ts';
import { decideFromRules, rulesCache } from '../../lib/replies/rules/cache.ts';
import { byPosition } from '../../lib/replies/rules/position.ts';
import { recorder } from '../../lib/tables/interactions/record.ts';
import { replyRulesTable } from '../../lib/tables/reply-rules.ts';
import { callbackAccount } from './account.ts';
import { deciding } from './decide.ts';
import { overBudget, rulesUnread } from './log-rules.ts';
import { replies } from './replies.ts';
import type { SlowReplies } from './slow-replies.ts';
import { webhook } from './webhook.ts';
import { withSlowReplies } from './with-slow-replies.ts';

const config = readConfig([
  'WECHAT_APP_ID',
  'WECHAT_TOKEN',
  'WECHAT_ENCODING_AES_KEY',
  'WECHAT_PREVIOUS_ENCODING_AES_KEY',
  'WECHAT_MESSAGE_MODE',
  'WELCOME_TEXT',
  'WAITING_TEXT',
  'WECHAT_DISTANCE_MS',
  'SLOW_IN_FLIGHT',
  'INTERACTIONS_TABLE',
  'INTERACTION_SHARDS',
  'INTERACTION_RETENTION_DAYS',
  'REPLY_RULES_TABLE',
  'PENDING_TABLE',
  'SLOW_REPLIES_FUNCTION',
  'RECOVERY_KEY',
  'DYNAMODB_ENDPOINT',
  'LAMBDA_ENDPOINT',
]);
const clock = { now: Date.now, sleep: (ms: number) => new Promise((wake) => setTimeout(wake, ms)) };
const db = documentClient(config);
const { RECOVERY_KEY } = config;
const record = recorder(db, config.INTERACTIONS_TABLE, placementOf(config));
const rulesTable = replyRulesTable(db, config.REPLY_RULES_TABLE);
const rules = rulesCache({
  version: rulesTable.version,
  list: async (signal) => (await rulesTable.all(signal)).sort(byPosition),
  failed: rulesUnread,
  ...clock,
});

let loaded: Promise<SlowReplies> | undefined;

/** Loaded for the first delivery that needs it: a slow or long reply, or a tap. */
function loadSlowReplies(): Promise<SlowReplies> {
  loaded ??= import('./load-slow-replies.ts').then(({ makeSlowReplies }) =>
    makeSlowReplies(config, { db, record, ...clock }),
  );
  return loaded;
}

/** `GET /webhook`: WeChat's URL check. `POST /webhook`: a delivery. Both are signed by WeChat. */
export const handler = webhook({
  account: callbackAccount(config),
  record,
  decide: withSlowReplies({
    decide: deciding({
      handlers: replies,
      rules: decideFromRules(rules, { overBudget, ...clock }),
      welcomeText: config.WELCOME_TEXT,
    }),
    slowReplies: loadSlowReplies,
    bringsWaiting: hasSlow(replies),
  }),
  distanceMs: config.WECHAT_DISTANCE_MS,
  sealed:
    RECOVERY_KEY === undefined
      ? undefined
      : async (lost) => (await import('../../lib/platform/seal.ts')).seal(RECOVERY_KEY, lost),
  ...clock,
});
