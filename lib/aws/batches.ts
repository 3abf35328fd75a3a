import { AppError, hasCode } from '../platform/error.ts';
import { type Retries, retry } from '../platform/retry.ts';

const UNPROCESSED = 'UNPROCESSED';

/**
 * Does a batch in rounds. Each returns what DynamoDB left unprocessed, as it may when it is busy; that is retried.
 * @throws AppError `UNPROCESSED`
 */
export async function untilDone<T>(
  table: string,
  batch: T[],
  retries: Pick<Retries, 'pauses' | 'sleep'>,
  round: (left: T[]) => Promise<T[]>,
): Promise<void> {
  let left = batch;
  const next = async () => {
    if (left.length > 0) left = await round(left);
    if (left.length > 0)
      throw new AppError(UNPROCESSED, `${table} is too busy: part of a batch was not processed; try again`);
  };
  await retry(next, { ...retries, mayPass: (error) => hasCode(error, UNPROCESSED) });
}
