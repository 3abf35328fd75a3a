/**
 * Runs work with a signal that aborts after `ms`. The timer ends with the work; that of `AbortSignal.timeout` lives on and
 * costs a delivery a tenth of its time.
 */
export async function withTimeLimit<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}
