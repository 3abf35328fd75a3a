import { documentClient } from '../../lib/aws/dynamodb.ts';
import { readConfig } from '../../lib/platform/config.ts';
import { log } from '../../lib/platform/log.ts';
import { metrics } from '../../lib/platform/metrics.ts';
import { credentialsTable } from '../../lib/tables/credentials.ts';
import { fetchToken } from '../../lib/wechat/api/token.ts';
import { type RefreshRequest, type RefreshResult, refresher } from './refresh.ts';

const config = readConfig([
  'CREDENTIALS_TABLE',
  'DYNAMODB_ENDPOINT',
  'WECHAT_APP_ID',
  'WECHAT_APP_SECRET',
  'WECHAT_API_ORIGIN',
  'WECHAT_TOKEN_ENDPOINT',
]);

const refresh = refresher({
  credentials: credentialsTable(documentClient(config), config.CREDENTIALS_TABLE, config.WECHAT_APP_ID),
  fetchToken: () =>
    fetchToken({
      appId: config.WECHAT_APP_ID,
      appSecret: config.WECHAT_APP_SECRET,
      endpoint: config.WECHAT_TOKEN_ENDPOINT,
      origin: config.WECHAT_API_ORIGIN,
    }),
  endpoint: config.WECHAT_TOKEN_ENDPOINT,
});

/** `{}`, or `{"refused": "…"}` → `{"token": "…", "expires_at": …}`, or `{"error": {"errcode", "errmsg", "detail"}}`. */
export const handler = async (request?: RefreshRequest): Promise<RefreshResult> => {
  const result = await refresh(request);
  const value = 'error' in result ? 0 : Math.round((result.expires_at - Date.now()) / 1000);
  log.info('access_token', metrics({ name: 'token_seconds_left', value, unit: 'Seconds' }));
  return result;
};
