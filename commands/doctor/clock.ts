import { readConfig } from '../../lib/platform/config.ts';
import { dateOf } from './callback-request.ts';
import { type Finding, right, type Setup, skipped, wrong } from './setup.ts';

/** The tolerated difference; from five minutes on, the webhook treats a delivery as a replay. */
const APART_MS = 60_000;
const PATIENCE_MS = 5_000;

const BY_NTP = 'set that clock by NTP (timedatectl set-ntp true)';

/**
 * Compares three clocks: WeChat's, the callback's (both by the Date header of a response) and this computer's, which
 * dated the other checks' requests.
 */
export async function checkClock(setup: Setup): Promise<Finding> {
  const { WECHAT_API_ORIGIN } = readConfig(['WECHAT_API_ORIGIN'], setup.env);
  const wechat = await offsetOf(setup, new URL('/cgi-bin/getcallbackip', WECHAT_API_ORIGIN).href);
  const callback = setup.url === undefined ? undefined : await offsetOf(setup, setup.url);
  if (wechat === undefined && callback === undefined) return skipped('needs a response from WeChat or the callback');
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

/** The offset of a server's clock from this computer's, in milliseconds. */
async function offsetOf({ fetch, now }: Setup, url: string): Promise<number | undefined> {
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
