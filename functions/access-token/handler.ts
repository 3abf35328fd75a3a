import { readConfig } from '../../lib/config.ts';
import { documentClient } from '../../lib/tables/client.ts';
import { credentialsTable } from '../../lib/tables/credentials.ts';
import { fetchToken } from '../../lib/wechat/token.ts';
import { refresher } from './refresh.ts';

const config = readConfig([
  'CREDENTIALS_TABLE',
  'DYNAMODB_ENDPOINT',
  'WECHAT_APP_ID',
  'WECHAT_APP_SECRET',
  'WECHAT_API_ORIGIN',
  'WECHAT_TOKEN_ENDPOINT',
]);

/** `{}`, or `{"refused": "…"}` → `{"token": "…", "expires_at": …}`, or `{"error": {"errcode", "errmsg", "detail"}}`. */
export const handler = refresher({
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
