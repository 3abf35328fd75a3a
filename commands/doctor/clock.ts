import { readConfig } from '../../lib/platform/config.ts';
import { dateOf } from './callback-request.ts';
import { type Finding, right, type Setup, skipped, wrong } from './setup.ts';

/** From five minutes on, the webhook takes a delivery for a replay. */
const APART_MS = 60_000;
const PATIENCE_MS = 5_000;

const BY_NTP = 'set that clock by NTP (timedatectl set-ntp true)';

/**
 * Compares three clocks: WeChat's, the callback's (both by the Date header of an answer) and this computer's, by which
 * the checks before were dated.
 */
export async function checkClock(setup: Setup): Promise<Finding> {
  const { WECHAT_API_ORIGIN } = readConfig(['WECHAT_API_ORIGIN'], setup.env);
  const wechat = await aheadOfOurs(setup, new URL('/cgi-bin/getcallbackip', WECHAT_API_ORIGIN).href);
  const callback = setup.url === undefined ? undefined : await aheadOfOurs(setup, setup.url);
  if (wechat === undefined && callback === undefined) return skipped('needs an answer from WeChat or the callback');
  const truth = wechat ?? 0;
  const whose = wechat === undefined ? "this computer's" : "WeChat's";
  if (callback !== undefined && isApart(callback - truth)) {
    return wrong(`the callback's clock is ${gap(callback - truth)} ${whose}; 5 minutes refuse every delivery`, BY_NTP);
  }
  if (isApart(-truth)) {
    return wrong(
      `this computer's clock is ${gap(-truth)} WeChat's, and what it signs is refused from 5 minutes on`,
      BY_NTP,
    );
  }
  return right(
    `the same minute ${callback === undefined ? 'here' : 'here, at the callback'}${wechat === undefined ? '' : ' and at WeChat'}`,
  );
}

/** How far the clock of whoever answers there is ahead of this computer's, in milliseconds. */
async function aheadOfOurs({ fetch, now }: Setup, url: string): Promise<number | undefined> {
  const before = now();
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) });
    await response.body?.cancel();
    const date = dateOf(response);
    return date === undefined ? undefined : date - (before + now()) / 2;
  } catch {
    return undefined;
  }
}

const isApart = (ms: number): boolean => Math.abs(ms) > APART_MS;

const gap = (ms: number): string => `${Math.round(Math.abs(ms) / 60_000)} min ${ms > 0 ? 'ahead of' : 'behind'}`;
