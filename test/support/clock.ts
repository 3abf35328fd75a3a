import { setImmediate as tick } from 'node:timers/promises';

/**
 * Time that passes only when nothing else happens: it jumps to the next sleeper as soon as no counted work is under way.
 * A test of minutes takes milliseconds, and its order of events is always the same.
 */
export function virtualClock(start: number) {
  let time = start;
  let working = 0;
  let isRunning = false;
  const sleepers: { at: number; wake: () => void }[] = [];

  /** Behind those that are to wake at the same time. */
  function placeOf(at: number): number {
    let [low, high] = [0, sleepers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sleepers[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async function run(): Promise<void> {
    isRunning = true;
    while (sleepers.length > 0) {
      for (let turn = 0; turn < 5; turn++) await tick();
      if (working > 0) continue;
      const next = sleepers.shift();
      time = Math.max(time, next?.at ?? time);
      next?.wake();
    }
    isRunning = false;
  }

  return {
    now: () => time,
    sleep: (ms: number): Promise<void> =>
      new Promise((wake) => {
        const at = time + Math.max(0, ms);
        sleepers.splice(placeOf(at), 0, { at, wake });
        if (!isRunning) void run();
      }),
    /** Counts a call as work: time stands still until it is done. */
    counted:
      <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
      async (...args: A): Promise<T> => {
        working++;
        try {
          return await work(...args);
        } finally {
          working--;
        }
      },
  };
}
