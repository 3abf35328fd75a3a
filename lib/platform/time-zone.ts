const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The offset of a time zone from UTC at a moment (ms since 1970), in milliseconds. */
export type Zone = (moment: number) => number;

/** The zone of an IANA name such as Asia/Shanghai or UTC; undefined for any other, offsets included. */
export function namedZone(name: string): Zone | undefined {
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    return (moment) => offsetIn(format.format(moment));
  } catch {
    return undefined;
  }
}

/** The offset in `11/22/2026, GMT+08:00`; `GMT` alone is UTC. */
function offsetIn(formatted: string): number {
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(formatted) ?? [];
  const offset = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * SECOND_MS;
  return sign === '-' ? -offset : offset;
}
