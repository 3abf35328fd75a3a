import { readConfig } from '../../lib/platform/config.ts';
import { log } from '../../lib/platform/log.ts';
import { metrics } from '../../lib/platform/metrics.ts';
import { pseudonyms } from '../../lib/platform/pseudonym.ts';
import { hintOf } from '../../lib/wechat/callback/callback.ts';

/** The outcome of one request to the webhook, counted by the metric `deliveries`, which the alarms read. */
export type Verdict = 'recorded' | 'repeated' | 'held' | 'unreadable' | 'refused' | 'noise' | 'lost';

const LEVELS = {
  recorded: 'info',
  repeated: 'info',
  held: 'info',
  unreadable: 'warn',
  refused: 'warn',
  noise: 'warn',
  lost: 'error',
} as const satisfies Record<Verdict, string>;

/** One line for each request, with `request_id` and never a text, a query string or an openid. */
export function logDelivery(verdict: Verdict, facts: Readonly<Record<string, unknown>>, replyMs?: number): void {
  const timed = replyMs === undefined ? [] : [{ name: 'reply_ms', value: replyMs, unit: 'Milliseconds' } as const];
  const accepted = verdict === 'recorded' ? [refusals(0)] : [];
  log[LEVELS[verdict]]('delivery', { ...facts, ...metrics(counted(verdict, 1), ...accepted, ...timed) });
}

/** The refused requests, 0 with each recorded delivery: a minimum above 0 means that no delivery was recorded. */
const refusals = (value: number) => ({ name: 'refusals', value, unit: 'Count' }) as const;

const counted = (verdict: Verdict, value: number) =>
  ({ name: 'deliveries', value, unit: 'Count', by: ['verdict', verdict] }) as const;

/** The reason of a refusal, which the response does not reveal. */
export type Refusal = { readonly code: string; readonly method: string; readonly request_id: string | undefined };

const WINDOW_MS = 10_000;
const LINES_IN_WINDOW = 10;

/**
 * The log of refused requests. Those that look like WeChat's are logged line by line, ten in ten seconds; all others are
 * counted by code, in one line every ten seconds. Lambda freezes a process between requests, so the last counts are
 * written with the next request, which calls `flush`.
 */
export function refusalLog(now: () => number) {
  const hasRoom = allowance(LINES_IN_WINDOW, WINDOW_MS, now);
  const alike = counting('refused', now);
  const noise = counting('noise', now);
  return {
    add(refusal: Refusal, looksLikeWeChats: boolean): void {
      // A URL check is not a delivery: whoever saves the address sees it fail.
      const isDelivery = refusal.method === 'POST';
      if (!looksLikeWeChats) noise.add(refusal.code);
      else if (isDelivery && !hasRoom()) alike.add(refusal.code);
      else logRefusal(refusal, isDelivery ? metrics(counted('refused', 1), refusals(1)) : { verdict: 'refused' });
    },
    flush(): void {
      alike.flush();
      noise.flush();
    },
  };
}

function logRefusal({ code, method, request_id }: Refusal, verdict: object): void {
  log.warn(method === 'POST' ? 'delivery' : 'URL check', { code, hint: hintOf(code), request_id, ...verdict });
}

/** Counts codes; writes the first at once. */
function counting(verdict: Verdict, now: () => number) {
  let codes: Record<string, number> = {};
  let written = Number.NEGATIVE_INFINITY;
  function flush(): void {
    const count = Object.values(codes).reduce((sum, some) => sum + some, 0);
    if (count === 0 || now() - written < WINDOW_MS) return;
    const refused = verdict === 'refused' ? [refusals(count)] : [];
    log.warn('refused requests', { codes, ...metrics(counted(verdict, count), ...refused) });
    codes = {};
    written = now();
  }
  function add(code: string): void {
    codes[code] = (codes[code] ?? 0) + 1;
    flush();
  }
  return { add, flush };
}

/** A rate limit of `most` calls in `perMs`: each call counts and returns true if it is within the limit. */
export function allowance(most: number, perMs: number, now: () => number): () => boolean {
  let left = most;
  let start = Number.NEGATIVE_INFINITY;
  return () => {
    if (now() - start >= perMs) {
      left = most;
      start = now();
    }
    left -= 1;
    return left >= 0;
  };
}

const hash = pseudonyms(readConfig(['PSEUDONYM_KEY']).PSEUDONYM_KEY, 'log');

/** Pseudonym of a follower for the log: 12 characters of a keyed hash, which only the `pseudonymKey` reproduces. */
export const pseudonym = (openid: string): string => hash(openid).toString('base64url').slice(0, 12);
