import { placed } from '../lib/interactions/interaction.ts';
import { shardIn } from '../lib/interactions/keys.ts';
import type { Effort, Row, Section } from './section.ts';

const SECONDS = { full: 3_600, smoke: 2 } as const satisfies Record<Effort, number>;
const PER_SECOND = 5_000;
const FOLLOWERS = 1_000_000;
const SHARDS = [2, 16];
const START = Date.parse('2026-01-01T00:00:00Z');

/** DynamoDB's limits, in write units a second: of a partition, and of a new on-demand table. */
const PARTITION_LIMIT = 1_000;
const NEW_TABLE_LIMIT = 4_000;

/** The default concurrency quota of an AWS account, and the time of a delivery with its write. */
const LAMBDAS_AT_ONCE = 1_000;
const DELIVERY_SECONDS = 0.01;
const DELIVERY_SECONDS_IN_TROUBLE = 0.5;

export const heat: Section = {
  title: `${PER_SECOND.toLocaleString('en')} deliveries a second for an hour`,
  about:
    `Simulated: ${FOLLOWERS.toLocaleString('en')} followers, items under 1 KB. The busiest second of the hottest key against ` +
    'what it can take. Below 1 × it breaks: turn INTERACTION_SHARDS up, set warm throughput, ask for concurrency.',
  measure: async (effort) => [
    row('write units: hottest follower in the table', hottestFollower(SECONDS[effort]), PARTITION_LIMIT),
    ...SHARDS.map((shards) =>
      row(
        `write units: hottest of ${shards} shards of the index`,
        hottestShard(shards, SECONDS[effort]),
        PARTITION_LIMIT,
      ),
    ),
    row('write units: the table, or its index, in all', PER_SECOND, NEW_TABLE_LIMIT),
    row('Lambdas at once, 10 ms each', PER_SECOND * DELIVERY_SECONDS, LAMBDAS_AT_ONCE),
    row('Lambdas at once, 500 ms each', PER_SECOND * DELIVERY_SECONDS_IN_TROUBLE, LAMBDAS_AT_ONCE),
    row('calls for an access_token, an hour', 0.5, 100_000 / 24),
  ],
};

const row = (what: string, busiest: number, limit: number): Row => ({
  what,
  busiest,
  limit,
  'limit ÷ busiest': limit / busiest,
});

function hottestFollower(seconds: number): number {
  const random = randomFrom(1);
  return hottest(seconds, FOLLOWERS, () => Math.floor(random() * FOLLOWERS));
}

function hottestShard(shards: number, seconds: number): number {
  const random = randomFrom(2);
  return hottest(seconds, shards, (second) => {
    const { day } = placed({ shards, retentionDays: undefined }, START + second * 1000, messageId(random));
    return shardIn(day);
  });
}

const messageId = (random: () => number): string => `243${String(Math.floor(random() * 1e14)).padStart(14, '0')}`;

/** The most that one key gets within one second. */
function hottest(seconds: number, keys: number, keyOf: (second: number) => number): number {
  const hits = new Uint16Array(keys);
  let most = 0;
  for (let second = 0; second < seconds; second++) {
    hits.fill(0);
    for (let each = 0; each < PER_SECOND; each++) {
      const key = keyOf(second);
      const now = (hits[key] ?? 0) + 1;
      hits[key] = now;
      if (now > most) most = now;
    }
  }
  return most;
}

/** Mulberry32: the same run every time. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
