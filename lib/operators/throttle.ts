import { isIPv6 } from 'node:net';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export type Limit = {
  /** So many attempts may fail before the first pause. */
  readonly failures: number;
  /** The pause after the last failure, by how many there were beyond the limit. */
  readonly pauseMs: (beyond: number) => number;
  /** How long after the last failure all of them are forgotten. */
  readonly forgottenMs: number;
};

/** A minute, then twice as long after each further failure, an hour at most. */
const growing = (beyond: number): number => Math.min(MINUTE_MS * 2 ** beyond, HOUR_MS);
const fiveSeconds = (): number => 5 * SECOND_MS;

/**
 * The limits, by what is counted. After the pause one attempt may be made. Nothing that somebody else can do locks an
 * operator out for long at an address where they have lately signed in: there only `known` counts.
 */
export const LIMITS = {
  /** A name at an address where it has not lately signed in. */
  pair: { failures: 5, pauseMs: growing, forgottenMs: DAY_MS },
  /** A name at an address where it has; slowed, since whoever shares the address could lock it. */
  known: { failures: 5, pauseMs: fiveSeconds, forgottenMs: DAY_MS },
  /** An address, for all names that have not lately signed in there. */
  address: { failures: 20, pauseMs: growing, forgottenMs: DAY_MS },
  /** A name at all other addresses together. Slowed, lest anyone could lock the administrator out. */
  name: { failures: 10, pauseMs: fiveSeconds, forgottenMs: HOUR_MS },
  /** Registrations from an address, those that succeed as well. */
  registration: { failures: 10, pauseMs: growing, forgottenMs: DAY_MS },
} as const satisfies Record<string, Limit>;

/** How long a name stays known at an address where it signed in. */
export const KNOWN_MS = 30 * DAY_MS;

/** An attempt without an outcome after this time, far longer than a password takes to check, has failed. */
const UNDECIDED_MS = 10 * SECOND_MS;

/** Attempts that failed, and those under way: each counts as failed until it has succeeded. */
export type Counter = {
  readonly limit: Limit;
  readonly failures: number;
  /** Milliseconds. */
  readonly failedAt: number;
  /** The ids of those under way. */
  readonly undecided: ReadonlySet<string>;
};

/** The moment from which the next attempt may be made, in milliseconds. */
export const allowedAt = ({ limit, failures, failedAt }: Counter): number =>
  failures < limit.failures ? 0 : failedAt + limit.pauseMs(failures - limit.failures);

/** Whether the outcome of an attempt under way may make room for another. */
export const isUndecided = ({ undecided, failedAt }: Counter, now: number): boolean =>
  undecided.size > 0 && now - failedAt < UNDECIDED_MS;

/** The network of an address: one customer of a provider has a whole /64 of IPv6 addresses. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length;
  const all = [...groups, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4);
  return `${all.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::`;
}
