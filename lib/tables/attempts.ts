import { isIPv6 } from 'node:net';
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { isDone } from './client.ts';
import { type Item, type Key, readTogether } from './read-together.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A minute, then twice as long after each further failure, an hour at most. */
const growing = (beyond: number): number => Math.min(MINUTE_MS * 2 ** beyond, HOUR_MS);

/**
 * After so many failures comes a pause, and after it one attempt at a time. A name is never locked, lest anyone could
 * lock the administrator out: it is slowed, and not at all for an address it has lately signed in from.
 */
export const LIMITS = {
  pair: { failures: 5, pauseMs: growing, forgottenMs: DAY_MS },
  address: { failures: 20, pauseMs: growing, forgottenMs: DAY_MS },
  name: { failures: 10, pauseMs: () => 5 * SECOND_MS, forgottenMs: HOUR_MS },
  /** By an address; here what succeeds counts, too. */
  registration: { failures: 10, pauseMs: growing, forgottenMs: DAY_MS },
} as const;

const KNOWN_MS = 30 * DAY_MS;
const ROUNDS = 5;

export type Who = { readonly name: string; readonly address: string };

/** An attempt that may be made. It counts as failed, also if nothing more is heard of it, until it has succeeded. */
export type Attempt = { readonly isAllowed: true; readonly succeeded: () => Promise<void> };
export type Refusal = { readonly isAllowed: false; readonly retryAfterSeconds: number };

export type AttemptsTable = ReturnType<typeof attemptsTable>;

type Taken = { readonly isAllowed: true; readonly counters: readonly Counter[] };
type Limit = { readonly failures: number; readonly pauseMs: (beyond: number) => number; readonly forgottenMs: number };
type Counter = { readonly key: Key; readonly limit: Limit; readonly failures: number; readonly failedAt: number };

const isForgotten = 'attribute_not_exists(pk) OR expires_at <= :seconds';
const isBelowLimit = 'failures < :limit AND expires_at > :seconds';
const isFirstAfterPause = 'failures = :failures AND failed_at = :failed_at';
const hasFailures = 'failures > :zero';

/** Attempts to give a password, or to register. Counted before they are looked at, so that many at once gain nothing. */
export function attemptsTable(db: DynamoDBDocumentClient, table: string) {
  const update = (Key: Key, written: Omit<UpdateCommand['input'], 'TableName' | 'Key'>): Promise<boolean> =>
    isDone(db.send(new UpdateCommand({ TableName: table, Key, ...written })));

  /** False when another attempt came first. */
  const count = (counter: Counter, now: number): Promise<boolean> =>
    update(counter.key, {
      UpdateExpression: `SET failures = ${counter.failures === 0 ? ':one' : 'failures + :one'}, failed_at = :now, expires_at = :expires_at`,
      ...conditionOf(counter, now),
    });

  /** As if this attempt had not been: the pause that was over stays over. */
  const giveBack = ({ key, failedAt }: Counter): Promise<boolean> =>
    update(key, {
      UpdateExpression: 'SET failures = failures - :one, failed_at = :failed_at',
      ConditionExpression: hasFailures,
      ExpressionAttributeValues: { ':one': 1, ':zero': 0, ':failed_at': failedAt },
    });

  const countEach = async (counters: readonly Counter[], now: number): Promise<boolean> => {
    for (const [at, counter] of counters.entries()) {
      if (await count(counter, now)) continue;
      await Promise.all(counters.slice(0, at).map(giveBack));
      return false;
    }
    return true;
  };

  const finderOf = async (keys: readonly Key[], now: number) => {
    const items = await readTogether(db, table, keys);
    const valid = items.filter(({ expires_at }) => Number(expires_at) > secondsOf(now));
    return ({ pk, sk }: Key) => valid.find((item) => item.pk === pk && item.sk === sk);
  };

  const countersOf = async (who: Who, now: number): Promise<Counter[]> => {
    const { pair, known, address, name } = keysOf(who);
    const find = await finderOf([pair, known, address, name], now);
    const counters = [counterOf('pair', pair, find(pair)), counterOf('address', address, find(address))];
    return find(known) ? counters : [...counters, counterOf('name', name, find(name))];
  };

  const registrationsOf = async (address: string, now: number): Promise<Counter[]> => {
    const key = { pk: `attempts#@${address}`, sk: 'registrations' };
    const find = await finderOf([key], now);
    return [counterOf('registration', key, find(key))];
  };

  /** Counts an attempt with every counter, or with none and says when the next may be made. */
  const taken = async (read: () => Promise<Counter[]>, now: number): Promise<Taken | Refusal> => {
    for (let round = 1; round <= ROUNDS; round++) {
      const counters = await read();
      const allowedAt = Math.max(...counters.map(allowedAtBy));
      if (allowedAt > now) return { isAllowed: false, retryAfterSeconds: Math.ceil((allowedAt - now) / SECOND_MS) };
      if (await countEach(counters, now)) return { isAllowed: true, counters };
    }
    return { isAllowed: false, retryAfterSeconds: 1 };
  };

  const succeeded = async (who: Who, [, ...others]: readonly Counter[], now: number): Promise<void> => {
    const { pair, known } = keysOf(who);
    await Promise.all([
      update(pair, { UpdateExpression: 'SET failures = :zero', ExpressionAttributeValues: { ':zero': 0 } }),
      update(known, {
        UpdateExpression: 'SET expires_at = :expires_at',
        ExpressionAttributeValues: { ':expires_at': secondsOf(now + KNOWN_MS) },
      }),
      ...others.map(giveBack),
    ]);
  };

  return {
    /** Before a password is looked at: may it be given, and if not, when again? */
    async take({ name, address }: Who, now: number): Promise<Attempt | Refusal> {
      const who = { name, address: networkOf(address) };
      const answer = await taken(() => countersOf(who, now), now);
      return answer.isAllowed ? { isAllowed: true, succeeded: () => succeeded(who, answer.counters, now) } : answer;
    },

    /** Before somebody new is looked at: may this address register them, and if not, when again? Locks no sign-in. */
    takeRegistration: (address: string, now: number): Promise<{ readonly isAllowed: true } | Refusal> =>
      taken(() => registrationsOf(networkOf(address), now), now),
  };
}

const counterOf = (scope: keyof typeof LIMITS, key: Key, { failures = 0, failed_at = 0 }: Item = {}): Counter => ({
  key,
  limit: LIMITS[scope],
  failures: Number(failures),
  failedAt: Number(failed_at),
});

/** No address holds an `@`, so the three kinds never meet. */
const keysOf = ({ name, address }: Who) => ({
  pair: { pk: `attempts#${name}@${address}`, sk: '-' },
  known: { pk: `attempts#${name}@${address}`, sk: 'known' },
  address: { pk: `attempts#@${address}`, sk: '-' },
  name: { pk: `attempts#${name}@`, sk: '-' },
});

const secondsOf = (ms: number): number => Math.floor(ms / SECOND_MS);

const allowedAtBy = ({ limit, failures, failedAt }: Counter): number =>
  failures < limit.failures ? 0 : failedAt + limit.pauseMs(failures - limit.failures);

function conditionOf({ limit, failures, failedAt }: Counter, now: number) {
  const written = { ':one': 1, ':now': now, ':expires_at': secondsOf(now + limit.forgottenMs) };
  const seconds = { ':seconds': secondsOf(now) };
  if (failures === 0) return given(`${isForgotten} OR failures = :zero`, { ...written, ...seconds, ':zero': 0 });
  if (failures < limit.failures) return given(isBelowLimit, { ...written, ...seconds, ':limit': limit.failures });
  return given(isFirstAfterPause, { ...written, ':failures': failures, ':failed_at': failedAt });
}

const given = (ConditionExpression: string, ExpressionAttributeValues: Record<string, number>) => ({
  ConditionExpression,
  ExpressionAttributeValues,
});

/** One customer of a provider has a whole /64 of IPv6 addresses; all of them are one. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length;
  const all = [...groups, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4);
  return `${all.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::`;
}
