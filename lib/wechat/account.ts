import { documentClient } from '../aws/dynamodb.ts';
import { type Config, readConfig } from '../platform/config.ts';
import { log } from '../platform/log.ts';
import { metrics } from '../platform/metrics.ts';
import { type CredentialsTable, credentialsTable } from '../tables/credentials.ts';
import { type Renew, renewByInvoking } from './access-token-function.ts';
import { type AccessToken, type WeChatClient, wechatClient } from './api/client.ts';
import { isWeChatError, type WeChatError } from './api/error.ts';
import type { FetchedToken } from './api/token.ts';

type Ports = {
  credentials: Pick<CredentialsTable, 'read'>;
  renew: Renew;
  origin: string;
  now?: () => number;
  fetch?: typeof fetch;
};

const VARIABLES = [
  'WECHAT_APP_ID',
  'WECHAT_API_ORIGIN',
  'CREDENTIALS_TABLE',
  'ACCESS_TOKEN_FUNCTION',
  'DYNAMODB_ENDPOINT',
  'LAMBDA_ENDPOINT',
] as const;

/** A token with less time left is not used unless the access-token function has no other. */
const TOO_LITTLE_LEFT_MS = 60_000;

/** WeChat's API for the configured account, with the token that the access-token function stores. */
export function account(config: Config<(typeof VARIABLES)[number]> = readConfig(VARIABLES)): WeChatClient {
  return accountClient({
    credentials: credentialsTable(documentClient(config), config.CREDENTIALS_TABLE, config.WECHAT_APP_ID),
    renew: renewByInvoking(config),
    origin: config.WECHAT_API_ORIGIN,
  });
}

/** `account` with its dependencies injected. A call reads the token at most once; while it lasts, not at all. */
export function accountClient({ credentials, renew, now = Date.now, ...wechat }: Ports): WeChatClient {
  return counted(wechatClient({ token: cachedToken({ credentials, renew, now }), now, ...wechat }));
}

/** The client with a log line for each failure and, by its errcode, a metric. */
const counted =
  (call: WeChatClient): WeChatClient =>
  async (path, request) => {
    try {
      return await call(path, request);
    } catch (error) {
      if (isWeChatError(error)) logFailure(path, error);
      throw error;
    }
  };

function logFailure(path: string, { code, errcode }: WeChatError): void {
  const metric = { name: 'wechat_errors', value: 1, unit: 'Count', by: ['errcode', String(errcode)] } as const;
  log.warn('WeChat', { path, code, ...metrics(metric) });
}

/**
 * The account's token, read from its table, cached in memory until a minute before it expires. The access-token function
 * is invoked when there is none, or it was refused; callers that need a token meanwhile share that result.
 */
function cachedToken({ credentials, renew, now }: Required<Pick<Ports, 'credentials' | 'renew' | 'now'>>): AccessToken {
  let cached: FetchedToken | undefined;
  const underWay = new Map<string, Promise<string>>();

  const lasts = (found: FetchedToken | undefined): found is FetchedToken =>
    found !== undefined && found.expires_at - now() > TOO_LITTLE_LEFT_MS;

  const shared = (refused: string, find: () => Promise<FetchedToken>): Promise<string> => {
    const finding = find()
      .then((found) => {
        cached = found;
        return found.token;
      })
      .finally(() => underWay.delete(refused));
    underWay.set(refused, finding);
    return finding;
  };

  const readOrRenew = async (): Promise<FetchedToken> => {
    const { access_token: token, expires_at = 0 } = await credentials.read();
    const found = token === undefined ? undefined : { token, expires_at };
    return lasts(found) ? found : renew({});
  };

  return {
    async current() {
      if (lasts(cached)) return cached.token;
      const [finding] = underWay.values();
      return finding ?? shared('', readOrRenew);
    },
    async refused(token) {
      if (lasts(cached) && cached.token !== token) return cached.token;
      cached = undefined;
      return underWay.get(token) ?? shared(token, () => renew({ refused: token }));
    },
  };
}
