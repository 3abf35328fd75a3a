import { isIPv6 } from 'node:net';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export type Limit = {
  /** The failures before the first pause. */
  readonly failures: number;
  /** The pause after the last failure, in milliseconds, by the number of failures above the limit. */
  readonly pauseMs: (beyond: number) => number;
  /** The time after the last failure when all are forgotten, in milliseconds. */
  readonly forgottenMs: number;
};

/** Exponential backoff: a minute, doubled by each further failure, an hour at most. */
const growing = (beyond: number): number => Math.min(MINUTE_MS * 2 ** beyond, HOUR_MS);
const fiveSeconds = (): number => 5 * SECOND_MS;

/**
 * The limits by counter. After the pause one attempt is allowed. Nobody else can lock an operator out for long at an
 * address where they have recently signed in: only `known` counts there.
 */
export const LIMITS = {
  /** A username at an address where it has not recently signed in. */
  pair: { failures: 5, pauseMs: growing, forgottenMs: DAY_MS },
  /** A username at an address where it has; only slowed, since others at the address could lock it. */
  known: { failures: 5, pauseMs: fiveSeconds, forgottenMs: DAY_MS },
  /** An address, for all usernames that have not recently signed in there. */
  address: { failures: 20, pauseMs: growing, forgottenMs: DAY_MS },
  /** A username at all other addresses together; only slowed, since anyone could lock an administrator out. */
  name: { failures: 10, pauseMs: fiveSeconds, forgottenMs: HOUR_MS },
  /** Registrations from an address, including successful ones. */
  registration: { failures: 10, pauseMs: growing, forgottenMs: DAY_MS },
} as const satisfies Record<string, Limit>;

/** The time for which a username stays known at an address where it signed in. */
export const KNOWN_MS = 30 * DAY_MS;

/** The time after which an attempt without an outcome counts as failed, far longer than a password check. */
const UNDECIDED_MS = 10 * SECOND_MS;

/** Failed and undecided attempts: each counts as failed until it succeeds. */
export type Counter = {
  readonly limit: Limit;
  readonly failures: number;
  /** Milliseconds. */
  readonly failedAt: number;
  /** The ids of undecided attempts. */
  readonly undecided: ReadonlySet<string>;
};

/** The time of the next allowed attempt, in milliseconds. */
export const allowedAt = ({ limit, failures, failedAt }: Counter): number =>
  failures < limit.failures ? 0 : failedAt + limit.pauseMs(failures - limit.failures);

/** True if an undecided attempt may still succeed and so allow another. */
export const isUndecided = ({ undecided, failedAt }: Counter, now: number): boolean =>
  undecided.size > 0 && now - failedAt < UNDECIDED_MS;

/** The network of an address: IPv6 /64, since a provider assigns that to one customer. */
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
