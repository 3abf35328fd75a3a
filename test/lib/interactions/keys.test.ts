import fc from 'fast-check';
import { placed } from '../../../lib/interactions/interaction.ts';
import {
  createTimeOf,
  dayOf,
  dayPartition,
  followingKey,
  identityIn,
  isNobodys,
  isNobodysShard,
  MOST_SHARDS,
  momentIn,
  nobodysPartition,
  RECEIVED_BOUND,
  RECEIVED_KEY,
  receivedAtOf,
  receivedBound,
  receivedKeyOf,
  SORT_KEY,
  shardIn,
  shardOf,
  sortKeyBound,
  sortKeyOf,
} from '../../../lib/interactions/keys.ts';

const SECONDS = fc.integer({ min: 0, max: 9_999_999_999 });
const MS = fc.integer({ min: 0, max: 9_999_999_998_999 });
/** Also with the characters that part a key. */
const IDENTITY = fc.oneof(
  fc.string({ minLength: 1, maxLength: 32 }),
  fc.constantFrom('#', '7#8', '~reply', '7~answer-2'),
);
const SHARD = fc.integer({ min: 0, max: MOST_SHARDS - 1 });

const holds = <T extends [unknown, ...unknown[]]>(...args: Parameters<typeof fc.property<T>>) =>
  fc.assert(fc.property(...args));

it('a sort key gives back its CreateTime and its identity, whatever that is', () => {
  holds(SECONDS, IDENTITY, (createTime, identity) => {
    const created = sortKeyOf(createTime, identity);
    expect(created).toMatch(SORT_KEY);
    expect(createTimeOf({ created })).toBe(createTime);
    expect(identityIn(created)).toBe(identity);
  });
});

it('sort keys are ordered as their CreateTimes are, small ones first', () => {
  holds(SECONDS, SECONDS, IDENTITY, IDENTITY, (one, other, a, b) => {
    fc.pre(one < other);
    expect(sortKeyOf(one, a) < sortKeyOf(other, b)).toBe(true);
  });
});

it('the longest sort key of a delivery is under 64 bytes', () => {
  expect(sortKeyOf(7, '9'.repeat(32))).toBe(`0000000007#${'9'.repeat(32)}`);
});

it('what a delivery leads to stands directly behind it, with an identity of its own', () => {
  holds(SECONDS, IDENTITY, fc.nat(9), (createTime, identity, part) => {
    const sortKey = sortKeyOf(createTime, identity);
    for (const suffix of ['reply', 'waiting', 'answer', `answer-${part}`] as const) {
      const created = followingKey(sortKey, suffix);
      expect(created > sortKey).toBe(true);
      expect(createTimeOf({ created })).toBe(createTime);
      expect(identityIn(created)).toBe(`${identity}~${suffix}`);
    }
  });
});

it('a key of receipt gives back its moment, and a bound has its keys behind it', () => {
  holds(MS, IDENTITY, (at, identity) => {
    const received = receivedKeyOf(at, identity);
    expect(received).toMatch(RECEIVED_KEY);
    expect(receivedAtOf({ received })).toBe(at);
    expect(receivedBound(at)).toMatch(RECEIVED_BOUND);
    expect(momentIn(receivedBound(at))).toBe(at);
    expect(receivedBound(at) < received && received < receivedBound(at + 1)).toBe(true);
  });
});

it('a bound of sort keys takes the second that begins with it, and leaves out the one before', () => {
  holds(fc.integer({ min: 1, max: 9_999_999_998 }), IDENTITY, (second, identity) => {
    expect(sortKeyBound(second * 1000) < sortKeyOf(second, identity)).toBe(true);
    expect(sortKeyOf(second, identity) < sortKeyBound(second * 1000 + 1)).toBe(true);
    expect(sortKeyOf(second, identity) < sortKeyBound(undefined)).toBe(true);
  });
});

it('a moment behind all that the digits can tell is a bound like the last of them', () => {
  expect(receivedBound(Number.MAX_SAFE_INTEGER)).toMatch(RECEIVED_BOUND);
  expect(sortKeyBound(Number.MAX_SAFE_INTEGER)).toBe('9999999999');
});

it('a partition of a day gives back its shard', () => {
  holds(MS, SHARD, (at, shard) => {
    expect(dayOf(at)).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(shardIn(dayPartition(dayOf(at), shard))).toBe(shard);
  });
});

it('an identity has one shard of those there are', () => {
  holds(IDENTITY, fc.integer({ min: 1, max: MOST_SHARDS }), (identity, shards) => {
    const shard = shardOf(identity, shards);
    expect(shard).toBe(shardOf(identity, shards));
    expect(shard >= 0 && shard < shards).toBe(true);
    const { day, received } = placed({ shards, retentionDays: undefined }, 1_767_225_600_000, identity);
    expect([shardIn(day), receivedAtOf({ received })]).toEqual([shard, 1_767_225_600_000]);
  });
});

it('the partitions of nobody are told from every follower', () => {
  holds(SHARD, (shard) => {
    expect(isNobodys(nobodysPartition(shard)) && isNobodysShard(nobodysPartition(shard))).toBe(true);
  });
  expect(isNobodys('-')).toBe(true);
  for (const openid of ['oDemo0001', '-o', '--', '', '#1', 'o-#1']) {
    expect(isNobodys(openid) || isNobodysShard(openid)).toBe(false);
  }
});
