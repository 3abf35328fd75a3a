import type { Config } from './config.ts';
import { log } from './log.ts';
import type { Failure } from './tables/credentials.ts';
import { unreachable, WeChatError } from './wechat/error.ts';
import type { FetchedToken } from './wechat/token.ts';

/** Asks the access-token function: for a token, or for another than the one that WeChat refused. */
export type Renew = (asked: { refused?: string }) => Promise<FetchedToken>;

/** The function ends after 10 s. */
const INVOCATION_MS = 11_000;

/**
 * Invokes the function. The SDK's client is loaded for the first call, since most requests need none. Throws WeChatError:
 * what WeChat said there, or `unreachable` when the function cannot be invoked or fails.
 */
export function renewByInvoking({
  ACCESS_TOKEN_FUNCTION,
  LAMBDA_ENDPOINT,
}: Config<'ACCESS_TOKEN_FUNCTION' | 'LAMBDA_ENDPOINT'>): Renew {
  const client = once(() => lambdaClient(LAMBDA_ENDPOINT));
  return async (asked) => {
    const { lambda, InvokeCommand } = await client();
    const invocation = new InvokeCommand({ FunctionName: ACCESS_TOKEN_FUNCTION, Payload: JSON.stringify(asked) });
    const { FunctionError, Payload } = await lambda.send(invocation).catch((error: Error) => {
      throw failed(`it could not be invoked (${error.name})`);
    });
    if (FunctionError !== undefined) throw failed(`it ended with ${FunctionError}`);
    return tokenIn(Payload?.transformToString() ?? '');
  };
}

async function lambdaClient(endpoint: string | undefined) {
  const { LambdaClient, InvokeCommand } = await import('@aws-sdk/client-lambda');
  const lambda = new LambdaClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: INVOCATION_MS, throwOnRequestTimeout: true },
    ...(endpoint && {
      endpoint,
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  });
  return { lambda, InvokeCommand };
}

function once<T>(make: () => T): () => T {
  let made: { it: T } | undefined;
  return () => {
    made ??= { it: make() };
    return made.it;
  };
}

/** What the access-token function answered: a token, or WeChat's error, which is thrown as if WeChat had said it here. */
function tokenIn(payload: string): FetchedToken {
  const { token, expires_at, error } = JSON.parse(payload) as Partial<FetchedToken> & { error?: Failure };
  if (error !== undefined) throw new WeChatError({ ...error });
  if (token === undefined || expires_at === undefined) throw failed('it answered no token');
  return { token, expires_at };
}

function failed(why: string): WeChatError {
  log.error('the access-token function failed', { why });
  return unreachable('access_token', `The access-token function is needed, but ${why}; see its log.`);
}
