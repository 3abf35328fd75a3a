import type { InvokeCommandInput, InvokeCommandOutput } from '@aws-sdk/client-lambda';
import type { Config } from '../platform/config.ts';
import { emulated } from './endpoint.ts';

/** Invokes another function of the service. */
export type Invoke = (request: InvokeCommandInput) => Promise<InvokeCommandOutput>;

/**
 * Lambda's client, with at most two attempts. The SDK is loaded on the first call, since most requests need none.
 * @param requestTimeout the time limit of a call, in milliseconds
 */
export function lambda({ LAMBDA_ENDPOINT }: Config<'LAMBDA_ENDPOINT'>, requestTimeout: number): Invoke {
  let loading: ReturnType<typeof load> | undefined;
  return async (request) => {
    loading ??= load(LAMBDA_ENDPOINT, requestTimeout);
    const { client, InvokeCommand } = await loading;
    return client.send(new InvokeCommand(request));
  };
}

async function load(endpoint: string | undefined, requestTimeout: number) {
  const { LambdaClient, InvokeCommand } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout, throwOnRequestTimeout: true },
    ...emulated(endpoint),
  });
  return { client, InvokeCommand };
}
