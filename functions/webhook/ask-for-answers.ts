import type { Config } from '../../lib/config.ts';
import { lambda } from '../../lib/lambda.ts';
import type { AnswerRequest } from '../../lib/replies/answer-request.ts';

/** Starting a function asynchronously is quick or not worth waiting for. */
const REQUEST_MS = 1_000;

/** Starts `functions/answers` without waiting for it. */
export function askingForAnswers(config: Config<'ANSWERS_FUNCTION' | 'LAMBDA_ENDPOINT'>) {
  const invoke = lambda(config, REQUEST_MS);
  return (request: AnswerRequest) =>
    invoke({ FunctionName: config.ANSWERS_FUNCTION, InvocationType: 'Event', Payload: JSON.stringify(request) });
}
