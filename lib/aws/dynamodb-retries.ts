import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

type Strategy = Extract<NonNullable<DynamoDBClientConfig['retryStrategy']>, { acquireInitialRetryToken: unknown }>;
type Token = Awaited<ReturnType<Strategy['acquireInitialRetryToken']>>;

const ATTEMPTS = 3;
const PAUSE_MS = 50;

/**
 * Three attempts, 50 and 100 ms apart. The SDK's own strategies have a budget of retries and give up at the first failure
 * once it is spent: deliveries would be lost while DynamoDB fails every second call.
 */
export const threeAttempts: Strategy = {
  acquireInitialRetryToken: async () => tokenAfter(0),
  async refreshRetryTokenForRetry(token, { errorType }) {
    const retries = token.getRetryCount() + 1;
    const mayPass = errorType === 'TRANSIENT' || errorType === 'THROTTLING' || errorType === 'SERVER_ERROR';
    if (!mayPass || retries >= ATTEMPTS) throw new Error('no further attempt');
    await sleep(PAUSE_MS * retries);
    return tokenAfter(retries);
  },
  recordSuccess() {},
};

const tokenAfter = (retries: number): Token => ({ getRetryCount: () => retries, getRetryDelay: () => 0 });
