import { AppError } from '../platform/error.ts';
import type { Zone } from '../platform/time-zone.ts';
import { HOUR_MS } from './hours.ts';
import { isWholeHours, localDay } from './zone.ts';

export type By = 'hour' | 'day' | 'week';

/** Milliseconds; `to` is exclusive. Both are whole UTC hours. */
export type Period = { readonly from: number; readonly to: number };

/** Figures are kept by the UTC hour, so a zone that is off by a part of one cannot be served. */
export class BrokenHours extends AppError<'BROKEN_HOURS'> {
  override readonly name = 'BrokenHours';

  constructor(at: number) {
    super('BROKEN_HOURS', `the zone is not whole hours from UTC at ${new Date(at).toISOString()}`);
  }
}

/** 1970-01-05 was a Monday. */
const MONDAY = 4;

/**
 * The local hours, days, or weeks from Monday, that cover a time in whole UTC hours; the first and last are cut to it.
 * @throws BrokenHours
 */
export function periodsOf({ from, to }: Period, by: By, zone: Zone): Period[] {
  const periods: { from: number; to: number }[] = [];
  let current = Number.NEGATIVE_INFINITY;
  for (let hour = from; hour < to; hour += HOUR_MS) {
    if (!isWholeHours(zone(hour))) throw new BrokenHours(hour);
    const number = numberOf(hour, by, zone);
    if (number > current) periods.push({ from: hour, to: hour });
    current = Math.max(current, number);
    const last = periods.at(-1);
    if (last) last.to = hour + HOUR_MS;
  }
  return periods;
}

function numberOf(hour: number, by: By, zone: Zone): number {
  if (by === 'hour') return hour;
  const day = localDay(hour, zone);
  return by === 'day' ? day : Math.floor((day - MONDAY) / 7);
}
