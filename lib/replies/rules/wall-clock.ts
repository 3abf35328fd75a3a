/** What the clocks of a time zone show. */
export type Wall = {
  /** `2026-01-31` */
  readonly date: string;
  /** `08:30` */
  readonly time: string;
};

export const DEFAULT_TIME_ZONE = 'Asia/Shanghai';

const clocks = new Map<string, Intl.DateTimeFormat>();

/** What the clocks of a zone show at a moment (ms). Throws RangeError for a zone nobody knows. */
export function wallClock(time_zone: string, now: number): Wall {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of clockOf(time_zone).formatToParts(now)) parts[type] = value;
  return { date: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}:${parts.minute}` };
}

/** A name such as Asia/Shanghai or UTC; not an offset, which knows no summer time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    clockOf(name);
    return true;
  } catch {
    return false;
  }
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  clocks.set(timeZone, made);
  return made;
}
