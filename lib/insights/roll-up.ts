import type { InsightsTable } from '../tables/insights.ts';
import { noFigures } from './figures.ts';
import { closedUntil, HOUR_MS } from './hours.ts';
import { type History, readHours, unlimited } from './read-hours.ts';
import { isCurrent, read, store } from './stored.ts';
import { mergeTexts, noTexts, type SentBefore, sendersOf, type Texts } from './texts.ts';

/** Runs missed for longer than this are not made up; their hours are read live, if they are asked for. */
const LOOK_BACK_HOURS = 72;

/**
 * A text sent by three followers within this time, the hour included, is kept in the hour's row: a week, also the
 * one of 169 hours, so that what is listed for a period is complete.
 */
const TEXT_HOURS = 7 * 24 + 1;

export type RollUp = {
  readonly history: History;
  readonly rows: Pick<InsightsTable, 'put' | 'between'>;
  readonly now: () => number;
  /** Whether there is no time to begin another hour. */
  readonly isLate: () => boolean;
};

/** `failed` are the hours whose figures could not be made; the next run tries again. */
export type RolledUp = { readonly hours: number; readonly left: number; readonly failed: readonly Error[] };

/** Makes the figures of every closed hour that has none, oldest first, as far as time allows. */
export async function rollUp({ history, rows, now, isLate }: RollUp): Promise<RolledUp> {
  const end = closedUntil(now());
  const start = end - LOOK_BACK_HOURS * HOUR_MS;
  const texts = await textsByHour(rows, start - TEXT_HOURS * HOUR_MS, end);
  const absent = hoursBetween(start, end).filter((hour) => !texts.has(hour));
  const failed: Error[] = [];
  let tried = 0;
  for (const hour of absent) {
    if (isLate()) break;
    tried += 1;
    await rollUpHour(hour).catch((error: Error) => failed.push(error));
  }
  return { hours: tried - failed.length, left: absent.length - tried, failed };

  async function rollUpHour(hour: number): Promise<void> {
    const hours = await readHours(history, hour, hour + HOUR_MS, unlimited());
    const figures = hours.get(hour) ?? noFigures();
    await rows.put({ hour, figures: store(figures, sentBefore(texts, hour)) });
    texts.set(hour, figures.texts);
  }
}

async function textsByHour(rows: RollUp['rows'], from: number, to: number): Promise<Map<number, Texts>> {
  const texts = new Map<number, Texts>();
  for await (const { hour, figures } of rows.between(from, to)) {
    if (isCurrent(figures)) texts.set(hour, read(figures).texts);
  }
  return texts;
}

function sentBefore(texts: Map<number, Texts>, hour: number): SentBefore {
  const before = noTexts();
  for (const earlier of hoursBetween(hour - (TEXT_HOURS - 1) * HOUR_MS, hour)) {
    mergeTexts(before, texts.get(earlier) ?? noTexts());
  }
  return (hash) => sendersOf(before, hash);
}

const hoursBetween = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / HOUR_MS }, (_, at) => from + at * HOUR_MS);
