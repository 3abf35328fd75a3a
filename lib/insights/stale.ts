import type { InsightsTable } from '../tables/insights.ts';
import { CLOSED_AFTER_MS, hourOf } from './hours.ts';

/** A mark that was set less than this ago is not set again: what it is for is written in time. */
const MARKED_FOR_MS = CLOSED_AFTER_MS / 3;

/**
 * Whoever writes into a closed hour, or deletes from it, marks it before: from then on its row counts as absent, and
 * after `CLOSED_AFTER_MS` the rollup makes it anew. So a crash between mark and write costs a needless summing up, and
 * a rollup in between waits for what is being written.
 */
export function staleHours(rows: Pick<InsightsTable, 'mark'>, now: () => number) {
  const markedAt = new Map<number, number>();

  async function mark(hour: number): Promise<void> {
    await rows.mark(hour, now());
    markedAt.set(hour, now());
  }

  const isMarked = (hour: number): boolean => now() - (markedAt.get(hour) ?? Number.NEGATIVE_INFINITY) < MARKED_FOR_MS;

  return {
    /** Marks the hours of some moments, writes, and marks again if the writing took so long that the rollup may have run. */
    async around<T>(moments: readonly number[], write: () => Promise<T>): Promise<T> {
      const hours = [...new Set(moments.map(hourOf))];
      await Promise.all(hours.filter((hour) => !isMarked(hour)).map(mark));
      try {
        return await write();
      } finally {
        await Promise.all(hours.filter((hour) => !isMarked(hour)).map(mark));
      }
    },
  };
}
