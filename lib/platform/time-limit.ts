import { AppError } from './error.ts';

/**
 * The result of work with a time limit in milliseconds. At the limit this rejects and the signal aborts, also if the work
 * ignores it. The timer ends with the work; that of `AbortSignal.timeout` lives on and costs a delivery a tenth of its
 * time.
 * @throws AppError `TIME_LIMIT_EXCEEDED`, or the error that `exceeded` makes
 */
export async function withTimeLimit<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  exceeded: () => Error = () => new AppError('TIME_LIMIT_EXCEEDED', `not done within ${ms} ms`),
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = exceeded();
      reject(error);
      controller.abort(error);
    }, ms);
  });
  try {
    return await Promise.race([work(controller.signal), limit]);
  } finally {
    clearTimeout(timer);
  }
}
