import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Config } from '../../lib/platform/config.ts';
import type { Sleep } from '../../lib/platform/retry.ts';
import { inFlightTable } from '../../lib/tables/in-flight.ts';
import type { Recorder } from '../../lib/tables/interactions/record.ts';
import { slowRepliesTable } from '../../lib/tables/slow-replies.ts';
import { type SlowReplies, slowReplies } from './slow-replies.ts';
import { startingSlowReplies } from './start-slow-reply.ts';

type Variables =
  | 'WECHAT_APP_ID'
  | 'PENDING_TABLE'
  | 'SLOW_REPLIES_FUNCTION'
  | 'LAMBDA_ENDPOINT'
  | 'SLOW_IN_FLIGHT'
  | 'WAITING_TEXT'
  | 'WECHAT_DISTANCE_MS';

type Deps = {
  readonly db: DynamoDBDocumentClient;
  readonly record: Recorder;
  readonly now: () => number;
  readonly sleep: Sleep;
};

/** The slow replies of the deployed webhook: a module of its own, so that it is loaded only when needed. */
export const makeSlowReplies = (config: Config<Variables>, { db, ...deps }: Deps): SlowReplies =>
  slowReplies({
    table: slowRepliesTable(db, config.PENDING_TABLE, { account: config.WECHAT_APP_ID }),
    inFlight: inFlightTable(db, config.PENDING_TABLE, { account: config.WECHAT_APP_ID, most: config.SLOW_IN_FLIGHT }),
    start: startingSlowReplies(config),
    waitingText: config.WAITING_TEXT,
    distanceMs: config.WECHAT_DISTANCE_MS,
    ...deps,
  });
