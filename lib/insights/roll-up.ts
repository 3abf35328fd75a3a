import type { HourRow, InsightsTable, Mark } from '../tables/insights.ts';
import { noFigures } from './figures.ts';
import { CLOSED_AFTER_MS, closedUntil, DAY_MS, HOUR_MS } from './hours.ts';
import { type HourSources, readHours, unlimited } from './read-hours.ts';
import { canBeMadeAnew, read, store } from './stored.ts';
import { mergeTexts, noTexts, type SentAround, sendersOf, type Texts } from './texts.ts';

/**
 * Runs missed for longer than this are not made up, unless their hours are marked; they are read live, if they are
 * asked for.
 */
const LOOK_BACK_HOURS = 72;

/**
 * A text sent by three followers within this time, the hour included, is kept in the hour's row: a week, also the
 * one of 169 hours, so that what is listed for a period is complete. Rows of later hours count as well: an hour that is
 * made anew may bring the third follower after the others.
 */
const TEXT_HOURS = 7 * 24 + 1;

export type RollUp = HourSources & {
  readonly rows: Pick<InsightsTable, 'put' | 'between' | 'marks' | 'settle'>;
  readonly now: () => number;
  /** Whether there is no time to begin another hour. */
  readonly isLate: () => boolean;
};

/** `failed` are the hours whose figures could not be made; the next run tries again. */
export type RolledUp = { readonly hours: number; readonly left: number; readonly failed: readonly Error[] };

/** Makes the figures of every closed hour that has none or is stale, oldest first, as far as time allows. */
export async function rollUp({ rows, now, isLate, ...kept }: RollUp): Promise<RolledUp> {
  const marks = new Map((await rows.marks()).map((mark) => [mark.hour, mark]));
  const due = await hoursDue();
  const failed: Error[] = [];
  let tried = 0;
  const texts = textsAround(rows);
  for (const hour of due) {
    if (isLate()) break;
    tried += 1;
    await rollUpHour(hour).catch((error: Error) => failed.push(error));
  }
  return { hours: tried - failed.length, left: due.length - tried, failed };

  /** An hour that was marked lately is open again: what it was marked for may still be under way. */
  async function hoursDue(): Promise<number[]> {
    const end = closedUntil(now());
    const start = end - LOOK_BACK_HOURS * HOUR_MS;
    const made = new Set<number>();
    for await (const { hour } of rows.between(start, end)) made.add(hour);
    const absent = hoursBetween(start, end).filter((hour) => !made.has(hour));
    const marked = [...marks.keys()].filter((hour) => hour < end);
    const isOpen = (mark: Mark | undefined) => mark !== undefined && mark.at > now() - CLOSED_AFTER_MS;
    return [...new Set([...absent, ...marked])].filter((hour) => !isOpen(marks.get(hour))).sort((a, b) => a - b);
  }

  async function rollUpHour(hour: number): Promise<void> {
    const mark = marks.get(hour);
    if (mark === undefined || (await mayMakeAnew(hour))) {
      const figures = (await readHours(kept, hour, hour + HOUR_MS, unlimited())).get(hour) ?? noFigures();
      await rows.put({ hour, figures: store(figures, await texts.sentAround(hour)) });
      texts.made(hour, figures.texts);
    }
    if (mark !== undefined) await rows.settle(mark);
  }

  /** What an hour had that has expired since must not vanish from its figures. */
  async function mayMakeAnew(hour: number): Promise<boolean> {
    const row = await rowOf(rows, hour);
    return row === undefined || canBeMadeAnew(row.figures, now());
  }
}

async function rowOf(rows: RollUp['rows'], hour: number): Promise<HourRow | undefined> {
  for await (const row of rows.between(hour, hour + HOUR_MS)) return row;
  return undefined;
}

/** The texts of the hours around one and, as they are asked for in order, around the next. */
function textsAround(rows: RollUp['rows']) {
  const reach = (TEXT_HOURS - 1) * HOUR_MS;
  const texts = new Map<number, Texts>();
  let readUntil = 0;

  /** A day further than needed, lest every hour be a query. */
  async function readTo(from: number, to: number): Promise<void> {
    if (to <= readUntil) return;
    const end = to + DAY_MS;
    for await (const { hour, figures } of rows.between(Math.max(from, readUntil), end)) {
      if (!texts.has(hour)) texts.set(hour, read(figures).texts);
    }
    readUntil = end;
    for (const hour of texts.keys()) if (hour < from) texts.delete(hour);
  }

  return {
    made: (hour: number, ofHour: Texts) => texts.set(hour, ofHour),

    async sentAround(hour: number): Promise<SentAround> {
      await readTo(hour - reach, hour + reach + HOUR_MS);
      const around = noTexts();
      for (const near of hoursBetween(hour - reach, hour + reach + HOUR_MS)) {
        if (near !== hour) mergeTexts(around, texts.get(near) ?? noTexts());
      }
      return (hash) => sendersOf(around, hash);
    },
  };
}

const hoursBetween = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / HOUR_MS }, (_, at) => from + at * HOUR_MS);
