import { adviceOnTokenCall } from './errcodes.ts';
import { unreachable, WeChatError, type WeChatResult } from './error.ts';
import { writeJson } from './json.ts';
import { request } from './request.ts';

/** WeChat's two ways to hand out an access_token. They do not invalidate each other. */
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
 * Asks WeChat for an access_token, once. `expires_at` is in ms since 1970, counted from before the call. Throws
 * WeChatError; its `detail` says what to do, in English and Chinese, for 40164 with the address WeChat saw.
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
  const asked_at = now();
  const answer = await request({ path, ...questionOf(endpoint, new URL(path, origin), appId, appSecret), fetch });
  if (answer.errcode) throw refusedToken(answer, path, appSecret);
  const { access_token, expires_in } = answer;
  if (typeof access_token !== 'string' || access_token === '' || !isSeconds(expires_in)) {
    throw unreachable(path, "WeChat's answer has no access_token and expires_in.");
  }
  return { token: access_token, expires_at: asked_at + expires_in * 1000 };
}

/** `force_refresh` is never sent: it kills the token others use, 20 times a day at most. */
function questionOf(endpoint: TokenEndpoint, url: URL, appid: string, secret: string): { url: URL; body?: string } {
  const credentials = { grant_type: GRANT_TYPE, appid, secret };
  if (endpoint === 'stable_token') return { url, body: writeJson(credentials) };
  url.search = new URLSearchParams(credentials).toString();
  return { url };
}

const isSeconds = (value: unknown): value is number => typeof value === 'number' && value > 0;

function refusedToken(answer: WeChatResult, path: string, secret: string): WeChatError {
  const { errcode = 0 } = answer;
  const errmsg = String(answer.errmsg ?? '').replaceAll(secret, '[secret]');
  const detail = whatToDo(errcode, errmsg);
  return new WeChatError({ reason: 'refused', errcode, errmsg, path, detail, answer: { ...answer, errmsg } });
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
