import { lambda } from '../aws/invoke.ts';
import type { Config } from '../platform/config.ts';
import { log } from '../platform/log.ts';
import type { Failure } from '../tables/credentials.ts';
import { unreachable, WeChatError } from './api/error.ts';
import type { FetchedToken } from './api/token.ts';

/** A call of the access-token function: for a token, or for another than the one that WeChat refused. */
export type Renew = (request: { refused?: string }) => Promise<FetchedToken>;

/** The function ends after 10 s. */
const INVOCATION_MS = 11_000;

/**
 * Renews by invoking the function.
 * @throws WeChatError WeChat's refusal there, or WECHAT_UNREACHABLE when the function cannot be invoked or fails
 */
export function renewByInvoking(config: Config<'ACCESS_TOKEN_FUNCTION' | 'LAMBDA_ENDPOINT'>): Renew {
  const invoke = lambda(config, INVOCATION_MS);
  return async (request) => {
    const invocation = { FunctionName: config.ACCESS_TOKEN_FUNCTION, Payload: JSON.stringify(request) };
    const { FunctionError, Payload } = await invoke(invocation).catch((error: Error) => {
      throw failed(`it could not be invoked (${error.name})`);
    });
    if (FunctionError !== undefined) throw failed(`it ended with ${FunctionError}`);
    return tokenIn(Payload?.transformToString() ?? '');
  };
}

/**
 * The token in the function's result.
 * @throws WeChatError the failure in it, as if WeChat had been called here
 */
function tokenIn(payload: string): FetchedToken {
  const { token, expires_at, error } = JSON.parse(payload) as Partial<FetchedToken> & { error?: Failure };
  if (error !== undefined) throw new WeChatError({ ...error });
  if (token === undefined || expires_at === undefined) throw failed('its result has no token');
  return { token, expires_at };
}

function failed(why: string): WeChatError {
  log.error('the access-token function failed', { why });
  return unreachable('access_token', `The access-token function is needed, but ${why}; see its log.`);
}
