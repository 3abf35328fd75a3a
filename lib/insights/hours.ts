export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/**
 * Deliveries that were received within an hour are written, and seen in the index, this long after it at the latest. So is
 * what is written into a closed hour, after the hour was marked (`stale.ts`).
 */
export const CLOSED_AFTER_MS = 15 * 60_000;

/** The UTC hour a moment falls into, and the one at or after it; all in milliseconds. */
export const hourOf = (moment: number): number => Math.floor(moment / HOUR_MS) * HOUR_MS;
export const hourFrom = (moment: number): number => Math.ceil(moment / HOUR_MS) * HOUR_MS;

/** Hours that begin before this are closed: a later write into one marks it stale. */
export const closedUntil = (now: number): number => hourOf(now - CLOSED_AFTER_MS);
