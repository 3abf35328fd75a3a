import { setTimeout as sleepFor } from 'node:timers/promises';
import { retry, type Sleep } from '../../platform/retry.ts';
import { meaningOf } from './errcodes.ts';
import { isWeChatError, refuse, tooSlow, WeChatError, type WeChatResult } from './error.ts';
import { hasEscape, writeJson } from './json.ts';
import { CALL_TIMEOUT_MS, request } from './request.ts';

/** The source of access_tokens. `refused` takes the one that WeChat refused and returns another to use instead. */
export type AccessToken = { current(): Promise<string>; refused(token: string): Promise<string> };

/** Without `body` a GET, with it a POST. */
type WeChatRequest = { query?: Record<string, string>; body?: unknown };

/**
 * One call of WeChat's API, by its documented path. The result is WeChat's JSON.
 * @throws WeChatError for every errcode but 0, and when there is no result to be had
 */
export type WeChat = (path: string, request?: WeChatRequest) => Promise<WeChatResult>;

/** The same with a deadline of each call, in ms since 1970, which bounds all its tries together. */
export type WeChatClient = (path: string, request?: WeChatRequest & { deadline?: number }) => Promise<WeChatResult>;

/** The client for one request or run: all its calls end by the deadline, in ms since 1970. */
export const boundedBy =
  (deadline: number, client: WeChatClient): WeChat =>
  (path, request) =>
    client(path, { ...request, deadline });

type Ports = {
  token: AccessToken;
  origin: string;
  fetch?: typeof fetch;
  now?: () => number;
  sleep?: Sleep;
};

/** Pauses before the retries of a call for which WeChat was too busy. */
const PAUSES_MS = [100, 300] as const;

/** A token in memory may be two generations old: the stored one may have been replaced since. */
const MOST_RENEWALS = 2;

/**
 * The client of WeChat's API. It adds the token, retries with another token when WeChat refuses it (at most twice) and
 * when WeChat is busy (-1; at most twice, within the deadline), and gives each try 4 s.
 */
export function wechatClient({
  token,
  origin,
  fetch = globalThis.fetch,
  now = Date.now,
  sleep = sleepFor,
}: Ports): WeChatClient {
  return async (path, { query = {}, body, deadline = Number.POSITIVE_INFINITY } = {}) => {
    const text = body === undefined ? undefined : bodyText(body);
    timeLeft(path, deadline - now());
    let access = await token.current();
    let renewals = 0;
    const attempt = async (): Promise<WeChatResult> => {
      const url = urlOf(origin, path, { ...query, access_token: access });
      const result = await request({ url, path, body: text, timeout_ms: timeLeft(path, deadline - now()), fetch });
      const { errcode = 0 } = result;
      if (errcode === 0) return result;
      const failure = refusedBy(result, path, access);
      if (retryAdvice(failure) !== 'with-new-token' || renewals === MOST_RENEWALS) throw failure;
      renewals += 1;
      access = await another(token, access, failure);
      return attempt();
    };
    const mayPass = (error: unknown) => isBusy(error, path);
    return retry(attempt, { pauses: PAUSES_MS, sleep, deadline: { at: deadline, now }, mayPass });
  };
}

/** WeChat was too busy for this call; a failure to obtain a token names another path. */
const isBusy = (error: unknown, path: string): boolean =>
  isWeChatError(error) && error.path === path && retryAdvice(error) === 'later';

/** An errcode of our own making, when WeChat was not reached or too slow, is none of WeChat's. */
const retryAdvice = ({ reason, errcode }: WeChatError) =>
  reason === 'refused' ? meaningOf(errcode).advice.retry : undefined;

/**
 * The token to use instead.
 * @throws WeChatError WeChat's refusal, if it is the very token that was refused
 */
async function another(token: AccessToken, refused: string, failure: WeChatError): Promise<string> {
  const fresh = await token.refused(refused);
  if (fresh === refused) throw failure;
  return fresh;
}

function bodyText(body: unknown): string {
  const text = writeJson(body);
  if (hasEscape(text)) refuse(40033, 'a text has a control character or half an emoji');
  return text;
}

function urlOf(origin: string, path: string, query: Record<string, string>): URL {
  const url = new URL(path, origin);
  url.search = new URLSearchParams(query).toString();
  return url;
}

function timeLeft(path: string, left_ms: number): number {
  if (left_ms < 1) throw tooSlow(path, 'The time for this request was used up.');
  return Math.floor(Math.min(left_ms, CALL_TIMEOUT_MS));
}

/** WeChat's refusal. Its errmsg goes into responses and logs, so a token that it may quote is taken out. */
function refusedBy(result: WeChatResult, path: string, token: string): WeChatError {
  const errmsg = String(result.errmsg ?? '').replaceAll(token, '[access_token]');
  const { errcode = 0 } = result;
  return new WeChatError({ reason: 'refused', errcode, errmsg, path, result: { ...result, errmsg } });
}
