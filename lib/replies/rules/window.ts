import { APPLIES, type Match, unmet } from './match.ts';
import type { RuleWindow } from './shape.ts';
import { type WallTime, WEEKDAYS } from './wall-clock.ts';

/** The reasons why a window is closed. */
const CLOSED = {
  hours: unmet('the time is outside the hours of the rule'),
  weekdays: unmet('the weekday is not among the weekdays of the rule'),
  dates: unmet('the date is outside the dates of the rule'),
} as const satisfies Record<string, Match>;

const DAY_MS = 86_400_000;

/** Checks that a window is open at a local time. */
export function matchWindow({ hours, weekdays, from, until }: RuleWindow, wall: WallTime): Match {
  if (hours !== undefined && !isWithin(hours, wall.time)) return CLOSED.hours;
  const day = hours !== undefined && isAfterMidnight(hours, wall.time) ? dayBefore(wall.date) : wall.date;
  if (weekdays !== undefined && !weekdays.includes(weekdayOf(day))) return CLOSED.weekdays;
  return (from !== undefined && day < from) || (until !== undefined && day > until) ? CLOSED.dates : APPLIES;
}

type Hours = NonNullable<RuleWindow['hours']>;

export const crossesMidnight = ({ from, to }: Hours): boolean => to < from;

const isWithin = (hours: Hours, time: string): boolean =>
  crossesMidnight(hours) ? time >= hours.from || time < hours.to : time >= hours.from && time < hours.to;

const isAfterMidnight = (hours: Hours, time: string): boolean => crossesMidnight(hours) && time < hours.to;

const dayBefore = (date: string): string => new Date(Date.parse(date) - DAY_MS).toISOString().slice(0, date.length);

/** `Date` begins the week with Sunday. */
const weekdayOf = (date: string): (typeof WEEKDAYS)[number] => WEEKDAYS[(new Date(date).getUTCDay() + 6) % 7] ?? 'sun';
