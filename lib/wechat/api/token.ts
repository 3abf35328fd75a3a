import { adviceOnTokenCall } from './errcodes.ts';
import { unreachable, WeChatError, type WeChatResult } from './error.ts';
import { writeJson } from './json.ts';
import { request } from './request.ts';

/** WeChat's two endpoints for access_tokens. Their tokens do not invalidate each other. */
export type TokenEndpoint = 'stable_token' | 'token';

export type FetchedToken = { token: string; expires_at: number };

type Request = {
  appId: string;
  appSecret: string;
  endpoint: TokenEndpoint;
  origin: string;
  fetch?: typeof fetch;
  now?: () => number;
};

const GRANT_TYPE = 'client_credential';

/**
 * An access_token, by one call. `expires_at` is in milliseconds since 1970, counted from before the call.
 * @throws WeChatError its `detail` says what to do, in English and Chinese, for 40164 with the address that WeChat saw
 */
export async function fetchToken({
  appId,
  appSecret,
  endpoint,
  origin,
  fetch = globalThis.fetch,
  now = Date.now,
}: Request): Promise<FetchedToken> {
  const path = `/cgi-bin/${endpoint}`;
  const requested_at = now();
  const result = await request({ path, ...requestTo(endpoint, new URL(path, origin), appId, appSecret), fetch });
  if (result.errcode) throw refusedToken(result, path, appSecret);
  const { access_token, expires_in } = result;
  if (typeof access_token !== 'string' || access_token === '' || !isSeconds(expires_in)) {
    throw unreachable(path, "WeChat's result has no access_token and expires_in.");
  }
  return { token: access_token, expires_at: requested_at + expires_in * 1000 };
}

/** Without `force_refresh`: it invalidates the token that others use, and is limited to 20 calls a day. */
function requestTo(endpoint: TokenEndpoint, url: URL, appid: string, secret: string): { url: URL; body?: string } {
  const credentials = { grant_type: GRANT_TYPE, appid, secret };
  if (endpoint === 'stable_token') return { url, body: writeJson(credentials) };
  url.search = new URLSearchParams(credentials).toString();
  return { url };
}

const isSeconds = (value: unknown): value is number => typeof value === 'number' && value > 0;

function refusedToken(result: WeChatResult, path: string, secret: string): WeChatError {
  const { errcode = 0 } = result;
  const errmsg = String(result.errmsg ?? '').replaceAll(secret, '[secret]');
  const detail = whatToDo(errcode, errmsg);
  return new WeChatError({ reason: 'refused', errcode, errmsg, path, detail, result: { ...result, errmsg } });
}

function whatToDo(errcode: number, errmsg: string): string {
  const advice = adviceOnTokenCall(errcode);
  const address = seenAddress(errmsg);
  const seen = address === undefined ? '' : ` WeChat saw the address ${address} (微信看到的 IP 地址).`;
  return `${advice.en} ${advice.zh}${seen}`;
}

/** The address in `invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist`, the errmsg of 40164 and its relatives. */
function seenAddress(errmsg: string): string | undefined {
  return /invalid ip ([0-9a-f.:]+)/i.exec(errmsg)?.[1];
}
