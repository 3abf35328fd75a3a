import { setTimeout as sleepFor } from 'node:timers/promises';
import { log } from '../../lib/platform/log.ts';
import { metrics } from '../../lib/platform/metrics.ts';
import type { Sleep } from '../../lib/platform/retry.ts';
import type { Credential, CredentialsTable, Failure } from '../../lib/tables/credentials.ts';
import { needsOperatorAction } from '../../lib/wechat/api/errcodes.ts';
import { isWeChatError, tooSlow } from '../../lib/wechat/api/error.ts';
import type { FetchedToken, TokenEndpoint } from '../../lib/wechat/api/token.ts';

/** `refused` is the token that WeChat refused, if any. The schedule's event has no such field. */
export type RefreshRequest = { readonly refused?: string };

/** A failure is returned, not thrown: an invoked Lambda that throws loses the fields. */
export type RefreshResult = FetchedToken | { readonly error: Failure };

type Ports = {
  credentials: CredentialsTable;
  fetchToken: () => Promise<FetchedToken>;
  endpoint: TokenEndpoint;
  now?: () => number;
  sleep?: Sleep;
};

/** The remaining lifetime below which a token is renewed. `stable_token` issues a new one in the last five minutes only. */
const RENEWED_WITH_MS_LEFT = { stable_token: 5 * 60_000, token: 30 * 60_000 } as const;

/** The polling interval and time limit while another process calls WeChat. */
const POLL_MS = 200;
const WAIT_MS = 6_000;

/** The time before the next call after a failure: one that an operator must resolve, and one that may pass. */
const LASTING_MS = 60_000;
const TRANSIENT_MS = 1_000;

/** The pause after WeChat has returned a refused token `times` times in a row: 1, 2, 4 … 60 s. */
const pauseAfter = (times: number): number => Math.min(TRANSIENT_MS * 2 ** (times - 1), LASTING_MS);

/**
 * Makes the function that returns the account's access_token, renewed if it is due or was refused, or WeChat's error.
 * Concurrent callers, in any number of processes, cause one call to WeChat.
 */
export function refresher({ credentials, fetchToken, endpoint, now = Date.now, sleep = sleepFor }: Ports) {
  /** Calls WeChat and stores the result; undefined if the lease was lost meanwhile: then the new holder's result counts. */
  const callWeChat = async (
    lease: string,
    stored: Credential,
    refused: string | undefined,
  ): Promise<RefreshResult | undefined> => {
    try {
      const fetched = await fetchToken();
      const isRefused = fetched.token === refused;
      log.info('WeChat issued an access_token', {
        expires_at: fetched.expires_at,
        refused_before: isRefused,
        ...metrics({ name: 'token_refreshes', value: 1, unit: 'Count' }),
      });
      const times = isRefused ? timesRefused(stored, fetched.token, now()) + 1 : 0;
      const refused_until = isRefused ? now() + pauseAfter(times) : 0;
      const isStored = await credentials.keep(lease, { ...fetched, refused_until, refused_times: times });
      return isStored ? fetched : undefined;
    } catch (error) {
      const failure = failureOf(error);
      log.error('WeChat issued no access_token', {
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
      const stored = await credentials.read({ consistent: true });
      const next = decide(stored, { refused, now: now(), margin_ms: RENEWED_WITH_MS_LEFT[endpoint] });
      if (next.kind === 'known') return next.result;
      const lease = next.kind === 'call' ? await credentials.takeLease(stored, now()) : undefined;
      if (lease !== undefined) {
        const result = await callWeChat(lease, stored, refused);
        if (result === undefined) continue;
        return 'error' in result ? (goodIn(stored, refused, now()) ?? result) : result;
      }
      if (now() >= gives_up_at) return { error: failureOf(STILL_WAITING) };
      await sleep(POLL_MS);
    }
  };
}

type NextStep = { readonly kind: 'known'; readonly result: RefreshResult } | { readonly kind: 'call' | 'wait' };

/** The next step for a stored credential: return its token or failure, call WeChat, or wait for another's call. */
function decide(
  stored: Credential,
  { refused, now, margin_ms }: { refused: string | undefined; now: number; margin_ms: number },
): NextStep {
  const good = goodIn(stored, refused, now);
  const isAnother = good !== undefined && refused !== undefined;
  if (good && (isAnother || good.expires_at - now > margin_ms)) return known(good);

  const again = goodIn(stored, undefined, now);
  if (again && again.token === refused && isAhead(stored.refused_until, now)) return known(again);
  if (stored.failure && isAhead(stored.failure.until, now))
    return known(good ?? { error: withoutUntil(stored.failure) });
  if (isAhead(stored.lease_until, now)) return good ? known(good) : { kind: 'wait' };
  return { kind: 'call' };
}

const known = (result: RefreshResult): NextStep => ({ kind: 'known', result });

/** The stored token while it is valid, unless it is the refused one. */
function goodIn(stored: Credential, refused: string | undefined, now: number): FetchedToken | undefined {
  const { access_token: token, expires_at } = stored;
  return token !== undefined && token !== refused && isAhead(expires_at, now) ? { token, expires_at } : undefined;
}

/** The number of times in a row that WeChat returned this token after its refusal; reset a minute after the last pause. */
function timesRefused({ access_token, refused_times = 0, refused_until = 0 }: Credential, token: string, now: number) {
  return access_token === token && isAhead(refused_until + LASTING_MS, now) ? refused_times : 0;
}

const isAhead = (time: number | undefined, now: number): time is number => time !== undefined && time > now;

const withoutUntil = ({ until: _, ...failure }: Failure & { until: number }): Failure => failure;

function failureOf(error: unknown): Failure {
  if (!isWeChatError(error)) throw error;
  const { reason, errcode, errmsg, detail } = error;
  return { reason, errcode, errmsg, detail };
}

const standsFor = ({ reason, errcode }: Failure): number =>
  reason === 'refused' && needsOperatorAction(errcode) ? LASTING_MS : TRANSIENT_MS;

const STILL_WAITING = tooSlow('access_token', 'Another call for an access_token has not returned yet.');
