import { lambda } from '../../lib/aws/invoke.ts';
import type { Config } from '../../lib/platform/config.ts';
import type { SlowReplyRequest } from '../../lib/slow-replies/protocol.ts';

/** The time limit of an asynchronous invocation. */
const REQUEST_MS = 1_000;

/** Starts `functions/slow-replies` without waiting for it. */
export function startingSlowReplies(config: Config<'SLOW_REPLIES_FUNCTION' | 'LAMBDA_ENDPOINT'>) {
  const invoke = lambda(config, REQUEST_MS);
  return (request: SlowReplyRequest) =>
    invoke({ FunctionName: config.SLOW_REPLIES_FUNCTION, InvocationType: 'Event', Payload: JSON.stringify(request) });
}
