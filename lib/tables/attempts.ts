import { randomUUID } from 'node:crypto';
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { batchGet, type Item, type Key } from '../aws/batch-get.ts';
import { type Table, update } from '../aws/dynamodb.ts';
import { allowedAt, type Counter, isUndecided, KNOWN_MS, LIMITS, networkOf } from '../operators/throttle.ts';
import type { Sleep } from '../platform/retry.ts';

export type Who = { readonly name: string; readonly address: string };

/** An attempt that may be made. It counts as failed, also if nothing more is heard of it, until it has succeeded. */
export type Attempt = {
  readonly isAllowed: true;
  readonly succeeded: () => Promise<void>;
  readonly failed: () => Promise<void>;
};
export type Refusal = { readonly isAllowed: false; readonly retryAfterSeconds: number };

export type AttemptsTable = ReturnType<typeof attemptsTable>;

type StoredCounter = Counter & { readonly key: Key };
/** One attempt: its time in milliseconds, and its id, so that a write which the SDK sends twice counts once. */
type Counting = Table & { readonly now: number; readonly id: string; readonly sleep: Sleep };

/** While attempts under way fill a counter, the next waits for their outcome: 100, 200, 400, 800, 800 … ms, ten seconds in all. */
const ROUNDS = 16;
const PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 800;

/**
 * Attempts to give a password, or to register. Each is counted before it is looked at, so that many at once gain
 * nothing; those that come at once wait for each other, so that right ones are not counted against each other.
 */
export const attemptsTable = (db: DynamoDBDocumentClient, name: string, sleep: Sleep = sleepFor) => ({
  /** Before a password is looked at: may it be given, and if not, when again? */
  async take({ name: username, address }: Who, now: number): Promise<Attempt | Refusal> {
    const counting = { db, name, now, id: randomUUID(), sleep };
    const who = { name: username, address: networkOf(address) };
    const taken = await take(counting, () => signInCounters(counting, who));
    if ('isAllowed' in taken) return taken;
    return {
      isAllowed: true,
      succeeded: () => succeed(counting, who, taken.counters),
      failed: () => decide(counting, taken.counters),
    };
  },

  /** Before somebody new is looked at: may this address register them, and if not, when again? Locks no sign-in. */
  async takeRegistration(address: string, now: number): Promise<{ readonly isAllowed: true } | Refusal> {
    const counting = { db, name, now, id: randomUUID(), sleep };
    const taken = await take(counting, () => registrationCounters(counting, networkOf(address)));
    if ('isAllowed' in taken) return taken;
    await decide(counting, taken.counters);
    return { isAllowed: true };
  },
});

/** Counts an attempt with every counter, or with none and says when the next may be made. */
async function take(
  counting: Counting,
  read: () => Promise<StoredCounter[]>,
): Promise<{ readonly counters: readonly StoredCounter[] } | Refusal> {
  const { now, sleep } = counting;
  for (let round = 1; round <= ROUNDS; round++) {
    const counters = await read();
    const full = counters.filter((counter) => allowedAt(counter) > now);
    if (full.length === 0 && (await countEach(counting, counters))) return { counters };
    if (full.some((counter) => !isUndecided(counter, now))) return refusal(Math.max(...full.map(allowedAt)) - now);
    if (full.length > 0) await sleep(Math.min(PAUSE_MS * 2 ** (round - 1), LONGEST_PAUSE_MS));
  }
  return refusal(1);
}

const refusal = (ms: number): Refusal => ({ isAllowed: false, retryAfterSeconds: Math.ceil(ms / 1_000) });

/** A name that is known at the address answers to that pair alone; all else to the pair, the address and the name. */
async function signInCounters(counting: Counting, who: Who): Promise<StoredCounter[]> {
  const keys = keysOf(who);
  const find = await finder(counting, Object.values(keys));
  if (find(keys.known)) return [counterOf('known', keys.pair, find(keys.pair))];
  const pair = counterOf('pair', keys.pair, find(keys.pair));
  const name = pair.failures > 0 ? keys.name : keys.newcomers;
  return [pair, counterOf('address', keys.address, find(keys.address)), counterOf('name', name, find(name))];
}

async function registrationCounters(counting: Counting, address: string): Promise<StoredCounter[]> {
  const key = { pk: `attempts#@${address}`, sk: 'registrations' };
  const find = await finder(counting, [key]);
  return [counterOf('registration', key, find(key))];
}

/**
 * No address holds an `@`, so the kinds never meet. An address that tries a name for the first time waits among
 * `newcomers`: it takes turns with other such ones, not with all that have tried before.
 */
const keysOf = ({ name, address }: Who) => ({
  pair: { pk: `attempts#${name}@${address}`, sk: '-' },
  known: { pk: `attempts#${name}@${address}`, sk: 'known' },
  address: { pk: `attempts#@${address}`, sk: '-' },
  name: { pk: `attempts#${name}@`, sk: '-' },
  newcomers: { pk: `attempts#${name}@`, sk: 'newcomers' },
});

async function finder(counting: Counting, keys: readonly Key[]): Promise<(key: Key) => Item | undefined> {
  const items = await batchGet(counting, keys);
  const valid = items.filter(({ expires_at }) => Number(expires_at) > secondsOf(counting.now));
  return ({ pk, sk }) => valid.find((item) => item.pk === pk && item.sk === sk);
}

const count = v.optional(v.number(), 0);
const ids = v.optional(v.set(v.string()));
const StoredCounter = v.object({ failures: count, failed_at: count, undecided: ids });

function counterOf(scope: keyof typeof LIMITS, key: Key, item: Item = {}): StoredCounter {
  const { failures, failed_at, undecided = new Set<string>() } = v.parse(StoredCounter, item);
  return { key, limit: LIMITS[scope], failures, failedAt: failed_at, undecided };
}

/** False when another attempt came first. */
async function countEach(counting: Counting, counters: readonly StoredCounter[]): Promise<boolean> {
  for (const [at, counter] of counters.entries()) {
    if (await countOne(counting, counter)) continue;
    await Promise.all(counters.slice(0, at).map((counted) => refund(counting, counted)));
    return false;
  }
  return true;
}

/** Attempts may be made side by side while the limit is far; the first one, and one after a pause, is made alone. */
function countOne(counting: Counting, counter: StoredCounter): Promise<boolean> {
  const { now } = counting;
  const { failures, failedAt, limit } = counter;
  const seconds = { ':seconds': secondsOf(now) };
  if (failures === 0) return write(counting, counter, FIRST, { ...seconds, ':zero': 0 });
  if (failures < limit.failures && isUndecided(counter, now))
    return write(counting, counter, BESIDE_OTHERS, { ...seconds, ':limit': limit.failures });
  return write(counting, counter, ALONE, { ':failures': failures, ':failed_at': failedAt });
}

type Way = { readonly how: string; readonly condition: string };

const FIRST: Way = {
  how: 'SET failures = :one, undecided = :ids',
  condition: 'attribute_not_exists(pk) OR expires_at <= :seconds OR failures = :zero',
};
const BESIDE_OTHERS: Way = {
  how: 'ADD undecided :ids SET failures = failures + :one',
  condition: 'failures < :limit AND expires_at > :seconds',
};
const ALONE: Way = {
  how: 'SET failures = failures + :one, undecided = :ids',
  condition: 'failures = :failures AND failed_at = :failed_at',
};

const write = (
  counting: Counting,
  { key, limit }: StoredCounter,
  { how, condition }: Way,
  values: Readonly<Record<string, number>>,
): Promise<boolean> =>
  update(counting, {
    Key: key,
    UpdateExpression: `${how}, failed_at = :now, expires_at = :expires_at`,
    ConditionExpression: condition,
    ExpressionAttributeValues: {
      ...values,
      ':one': 1,
      ':ids': new Set([counting.id]),
      ':now': counting.now,
      ':expires_at': secondsOf(counting.now + limit.forgottenMs),
    },
  });

const IS_UNDECIDED = 'contains(undecided, :id)';

/** As if this attempt had not been: a pause that was over stays over. */
function refund({ id, ...table }: Counting, { key, limit, failures, failedAt }: StoredCounter): Promise<boolean> {
  const wasAfterPause = failures >= limit.failures;
  return update(table, {
    Key: key,
    UpdateExpression: `DELETE undecided :ids SET failures = failures - :one${wasAfterPause ? ', failed_at = :failed_at' : ''}`,
    ConditionExpression: IS_UNDECIDED,
    ExpressionAttributeValues: {
      ':one': 1,
      ':id': id,
      ':ids': new Set([id]),
      ...(wasAfterPause && { ':failed_at': failedAt }),
    },
  });
}

/** The name starts anew at this address, and is known there from now on. */
async function succeed(counting: Counting, who: Who, [, ...others]: readonly StoredCounter[]): Promise<void> {
  const { pair, known } = keysOf(who);
  await Promise.all([
    update(counting, {
      Key: pair,
      UpdateExpression: 'SET failures = :zero REMOVE undecided',
      ExpressionAttributeValues: { ':zero': 0 },
    }),
    update(counting, {
      Key: known,
      UpdateExpression: 'SET expires_at = :expires_at',
      ExpressionAttributeValues: { ':expires_at': secondsOf(counting.now + KNOWN_MS) },
    }),
    ...others.map((counter) => refund(counting, counter)),
  ]);
}

/** It stays counted as failed, and nobody waits for it any longer. */
async function decide({ id, ...table }: Counting, counters: readonly StoredCounter[]): Promise<void> {
  await Promise.all(
    counters.map(({ key }) =>
      update(table, {
        Key: key,
        UpdateExpression: 'DELETE undecided :ids',
        ConditionExpression: IS_UNDECIDED,
        ExpressionAttributeValues: { ':id': id, ':ids': new Set([id]) },
      }),
    ),
  );
}

const secondsOf = (ms: number): number => Math.floor(ms / 1_000);
