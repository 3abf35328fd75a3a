import { namedZone, type Zone } from '../../platform/time-zone.ts';

/** The local time in a time zone. */
export type WallTime = {
  /** `2026-01-31` */
  readonly date: string;
  /** `08:30` */
  readonly time: string;
};

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

export const DEFAULT_TIME_ZONE = 'Asia/Shanghai';

const zones = new Map<string, Zone>();

/** The local time of a zone at a moment (ms). @throws RangeError for an unknown zone */
export function wallClock(time_zone: string, now: number): WallTime {
  const local = new Date(now + zoneOf(time_zone)(now)).toISOString();
  return {
    date: local.slice(0, 'yyyy-mm-dd'.length),
    time: local.slice('yyyy-mm-ddT'.length, 'yyyy-mm-ddThh:mm'.length),
  };
}

/** Making one takes longer than asking it. */
function zoneOf(name: string): Zone {
  const zone = zones.get(name) ?? namedZone(name);
  if (zone === undefined) throw new RangeError(`${name} is not an IANA time zone`);
  zones.set(name, zone);
  return zone;
}

export const isTimeZone = (name: string): boolean => namedZone(name) !== undefined;
