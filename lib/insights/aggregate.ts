import type { InsightsTable } from '../tables/insights.ts';
import { type Figures, merge, noFigures } from './figures.ts';
import { closedUntil, HOUR_MS, hourFrom } from './hours.ts';
import type { Period } from './periods.ts';
import { type Allowance, type HourSources, readHours } from './read-hours.ts';
import { canBeMadeAnew, read } from './stored.ts';

/** Of hours without a row, this many interactions are read; what is over is left out, and the answer says so. */
export const MOST_READ_LIVE = 20_000;

export type Sources = HourSources & {
  readonly rows: Pick<InsightsTable, 'between' | 'marks'>;
  readonly now: number;
  readonly allowance: Allowance;
};

type Hour = readonly [hour: number, figures: Figures];

/** Ten days at a time, so that time running out is noticed between them. */
const LIVE_AT_ONCE_MS = 240 * HOUR_MS;

/**
 * The figures of consecutive periods, each handed to `finish` as soon as it is complete, and of all together. Closed
 * hours come from their rows; the others are read live, those not closed yet before any that has lost its row or is stale.
 */
export async function aggregate(sources: Sources, periods: readonly Period[], finish: Finish): Promise<Figures> {
  const totals = noFigures();
  const waiting = [...periods];
  let figures = noFigures();
  for await (const [hour, ofHour] of hoursWithin(sources, periods)) {
    while (waiting[0] && hour >= waiting[0].to) close(waiting[0]);
    merge(figures, ofHour);
    merge(totals, ofHour);
  }
  while (waiting[0]) close(waiting[0]);
  return totals;

  function close(period: Period): void {
    finish(period, figures);
    figures = noFigures();
    waiting.shift();
  }
}

type Finish = (period: Period, figures: Figures) => void;

async function* hoursWithin(sources: Sources, periods: readonly Period[]): AsyncGenerator<Hour> {
  const { rows, now, allowance } = sources;
  const from = periods[0]?.from ?? 0;
  const to = Math.min(periods.at(-1)?.to ?? 0, hourFrom(now));
  const open = Math.max(from, Math.min(to, closedUntil(now)));
  const notClosed = await live(sources, open, to);
  const stale = new Set((await rows.marks(from, open)).map(({ hour }) => hour));
  let next = from;
  for await (const { hour, figures } of rows.between(from, open)) {
    if (stale.has(hour) && canBeMadeAnew(figures, now)) continue;
    yield* await live(sources, next, hour);
    if (allowance.isLate()) break;
    yield [hour, read(figures)];
    next = hour + HOUR_MS;
  }
  yield* await live(sources, next, open);
  yield* notClosed;
}

async function live({ allowance, ...kept }: Sources, from: number, to: number): Promise<Hour[]> {
  const hours: Hour[] = [];
  for (let start = from; start < to; start += LIVE_AT_ONCE_MS) {
    const found = await readHours(kept, start, Math.min(start + LIVE_AT_ONCE_MS, to), allowance);
    hours.push(...[...found].sort(([one], [other]) => one - other));
  }
  return hours;
}
