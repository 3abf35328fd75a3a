export type Sleep = (ms: number) => Promise<unknown>;

/** Times in milliseconds. */
export type Retries = {
  /** The pause before each retry. */
  readonly pauses: readonly number[];
  readonly sleep: Sleep;
  /** No retry begins at this moment (ms since 1970, on the clock `now`) or later. */
  readonly deadline?: { readonly at: number; readonly now: () => number };
  /** True for errors to retry; by default all. */
  readonly mayPass?: (error: unknown) => boolean;
  /** Called before each pause. */
  readonly retrying?: (error: unknown) => void;
};

/**
 * The result of idempotent work, retried after each failure.
 * @throws what the last attempt threw
 */
export async function retry<T>(work: () => Promise<T>, { pauses, ...retries }: Retries): Promise<T> {
  const [pause, ...later] = pauses;
  if (pause === undefined) return work();
  try {
    return await work();
  } catch (error) {
    const { sleep, deadline, mayPass = () => true, retrying } = retries;
    const isTooLate = deadline !== undefined && deadline.now() + pause >= deadline.at;
    if (isTooLate || !mayPass(error)) throw error;
    retrying?.(error);
    await sleep(pause);
  }
  return retry(work, { pauses: later, ...retries });
}

/** Pauses that double, up to the longest. */
export const doubling = (first: number, longest: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.min(first * 2 ** index, longest));
