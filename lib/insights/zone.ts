import { namedZone, type Zone } from '../platform/time-zone.ts';
import { DAY_MS, HOUR_MS } from './hours.ts';

const FIXED = /^(?:UTC|GMT)?([+-])(\d\d):?00$/;
const FURTHEST_HOURS = 14;

/**
 * `Asia/Shanghai`, `+08:00`, `UTC`; undefined for anything else. A `+` that a query string turned into a blank is read
 * as the `+` it was. Whether the offsets are whole hours is for `isWholeHours`: it may change with the time.
 */
export function readZone(name: string): Zone | undefined {
  const fixed = FIXED.exec(name.replace(/^ /, '+'));
  if (!fixed) return namedZone(name);
  const hours = Number(fixed[2]);
  if (hours > FURTHEST_HOURS) return undefined;
  const offset = (fixed[1] === '-' ? -hours : hours) * HOUR_MS;
  return () => offset;
}

export const isWholeHours = (offset: number): boolean => offset % HOUR_MS === 0;

/** The number of a moment's local day, counted from 1970-01-01, a Thursday. */
export const localDay = (moment: number, zone: Zone): number => Math.floor((moment + zone(moment)) / DAY_MS);

/** The first moment of a local day: its midnight, or what comes after where clocks skip that. */
export function startOfDay(day: number, zone: Zone): number {
  const utc = day * DAY_MS;
  let moment = utc - Math.max(zone(utc - DAY_MS), zone(utc + DAY_MS));
  while (localDay(moment, zone) < day) moment += HOUR_MS;
  return moment;
}

const DATE = /^2\d{3}-\d\d-\d\d$/;
const TIME = /^2\d{3}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/;

/** ISO 8601 from the year 2000 on: a time with its offset, or a date, which is its midnight in the zone. */
export function readTime(text: string, zone: Zone): number | undefined {
  if (!isDay(text.slice(0, 10))) return undefined;
  if (DATE.test(text)) return startOfDay(Date.parse(text) / DAY_MS, zone);
  const time = text.replace(/ (?=\d\d:?\d\d$)/, '+');
  const moment = TIME.test(time) ? Date.parse(time.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')) : Number.NaN;
  return Number.isNaN(moment) ? undefined : moment;
}

function isDay(date: string): boolean {
  const moment = Date.parse(date);
  return !Number.isNaN(moment) && new Date(moment).toISOString().startsWith(date);
}
