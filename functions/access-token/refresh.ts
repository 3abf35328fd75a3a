import { setTimeout as sleepFor } from 'node:timers/promises';
import { log } from '../../lib/platform/log.ts';
import { metrics } from '../../lib/platform/metrics.ts';
import type { Credential, CredentialsTable, Failure } from '../../lib/tables/credentials.ts';
import { needsOperatorAction } from '../../lib/wechat/api/errcodes.ts';
import { isWeChatError, tooSlow } from '../../lib/wechat/api/error.ts';
import type { FetchedToken, TokenEndpoint } from '../../lib/wechat/api/token.ts';

/** `refused` is the token that WeChat refused, if one was. The schedule sends an event that has no such field. */
export type RefreshRequest = { readonly refused?: string };

/** A failure is a result too: an invoked Lambda that throws loses the fields. */
export type RefreshResult = FetchedToken | { readonly error: Failure };

type Ports = {
  credentials: CredentialsTable;
  fetchToken: () => Promise<FetchedToken>;
  endpoint: TokenEndpoint;
  now?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
};

/** With less time left a new token is asked for. `stable_token` hands one out in the last five minutes only. */
const RENEWED_WITH_MS_LEFT = { stable_token: 5 * 60_000, token: 30 * 60_000 } as const;

/** Whoever waits for another's call looks this often, and so long at most. */
const LOOK_EVERY_MS = 200;
const WAIT_MS = 6_000;

/** How long WeChat's word stands without being asked again: when a person must act first, and when a moment may do. */
const STANDS_MS = 60_000;
const PASSES_MS = 1_000;

/** The pause after WeChat has returned a refused token so many times in a row: 1, 2, 4 … 60 s. */
const pauseAfter = (times: number): number => Math.min(PASSES_MS * 2 ** (times - 1), STANDS_MS);

/**
 * Makes the function that answers the account's access_token, renewed if it is due or was refused, or WeChat's error.
 * However many ask at once, on however many machines, WeChat is asked once.
 */
export function refresher({ credentials, fetchToken, endpoint, now = Date.now, sleep = sleepFor }: Ports) {
  /** Undefined when the lease has passed to another meanwhile: then what the other one kept counts. */
  const askWeChat = async (
    lease: string,
    kept: Credential,
    refused: string | undefined,
  ): Promise<RefreshResult | undefined> => {
    try {
      const fetched = await fetchToken();
      const isRefused = fetched.token === refused;
      log.info('WeChat handed out an access_token', {
        expires_at: fetched.expires_at,
        refused_before: isRefused,
        ...metrics({ name: 'token_refreshes', value: 1, unit: 'Count' }),
      });
      const times = isRefused ? timesRefused(kept, fetched.token, now()) + 1 : 0;
      const refused_until = isRefused ? now() + pauseAfter(times) : 0;
      const isKept = await credentials.keep(lease, { ...fetched, refused_until, refused_times: times });
      return isKept ? fetched : undefined;
    } catch (error) {
      const failure = failureOf(error);
      log.error('WeChat handed out no access_token', {
        ...failure,
        ...metrics({ name: 'wechat_errors', value: 1, unit: 'Count', by: ['errcode', String(failure.errcode)] }),
      });
      await credentials.keepFailure(lease, failure, now() + standsFor(failure));
      return { error: failure };
    }
  };

  return async ({ refused }: RefreshRequest = {}): Promise<RefreshResult> => {
    const gives_up_at = now() + WAIT_MS;
    for (;;) {
      const kept = await credentials.read({ consistent: true });
      const next = decide(kept, { refused, now: now(), margin_ms: RENEWED_WITH_MS_LEFT[endpoint] });
      if (typeof next === 'object') return next;
      const lease = next === 'ask' ? await credentials.takeLease(kept, now()) : undefined;
      if (lease !== undefined) {
        const said = await askWeChat(lease, kept, refused);
        if (said === undefined) continue;
        return 'error' in said ? (goodIn(kept, refused, now()) ?? said) : said;
      }
      if (now() >= gives_up_at) return { error: failureOf(STILL_WAITING) };
      await sleep(LOOK_EVERY_MS);
    }
  };
}

/** What to do with what is kept: answer it, ask WeChat, or wait for whoever is asking. */
function decide(
  kept: Credential,
  { refused, now, margin_ms }: { refused: string | undefined; now: number; margin_ms: number },
): RefreshResult | 'ask' | 'wait' {
  const good = goodIn(kept, refused, now);
  const isAnother = good !== undefined && refused !== undefined;
  if (good && (isAnother || good.expires_at - now > margin_ms)) return good;

  const again = goodIn(kept, undefined, now);
  if (again && again.token === refused && isAhead(kept.refused_until, now)) return again;
  if (kept.failure && isAhead(kept.failure.until, now)) return good ?? { error: withoutUntil(kept.failure) };
  if (isAhead(kept.lease_until, now)) return good ?? 'wait';
  return 'ask';
}

/** The kept token while it is valid, unless it is the one that was refused. */
function goodIn(kept: Credential, refused: string | undefined, now: number): FetchedToken | undefined {
  const { access_token: token, expires_at } = kept;
  return token !== undefined && token !== refused && isAhead(expires_at, now) ? { token, expires_at } : undefined;
}

/** How often in a row this token came back; a minute after the last pause a refusal is an odd one again. */
function timesRefused({ access_token, refused_times = 0, refused_until = 0 }: Credential, token: string, now: number) {
  return access_token === token && isAhead(refused_until + STANDS_MS, now) ? refused_times : 0;
}

const isAhead = (time: number | undefined, now: number): time is number => time !== undefined && time > now;

const withoutUntil = ({ until: _, ...failure }: Failure & { until: number }): Failure => failure;

function failureOf(error: unknown): Failure {
  if (!isWeChatError(error)) throw error;
  const { reason, errcode, errmsg, detail } = error;
  return { reason, errcode, errmsg, detail };
}

const standsFor = ({ reason, errcode }: Failure): number =>
  reason === 'refused' && needsOperatorAction(errcode) ? STANDS_MS : PASSES_MS;

const STILL_WAITING = tooSlow('access_token', 'Another call for an access_token has not been answered yet.');
