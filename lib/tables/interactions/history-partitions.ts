import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { type HistoryQuery, type Pinned, type Position, WrongCursor } from './history-cursor.ts';
import { type Budget, isNewer, isOlder, merged, type Step, steps } from './history-reading.ts';

/** How much to read, in what steps at first, and behind which interaction to begin. */
type Reading = { readonly budget: Budget; readonly batch: number; readonly at?: Position | undefined };
type Span = { readonly from: number; readonly to?: number | undefined };
type Asked = Pick<HistoryQuery, 'kind' | 'direction'>;
type Bounds = { readonly lower: string; readonly upper: string };
type Day = { readonly name: string; readonly start: number; readonly end: number };

const DAY_MS = 86_400_000;

/** How far the clock that stamped an interaction may be ahead of ours. */
const SKEW_MS = 1_000;

/** Of the year 2286: the last time that our keys can tell. */
const LATEST_MS = 9_999_999_999_000;

/** Behind every CreateTime. */
const END_OF_TIME = ':';

const isAlive = '(attribute_not_exists(#expires_at) OR #expires_at > :now)';

/** The three orders in which the history is read. Keys and conditions are built here and nowhere else. */
export function partitions(
  db: DynamoDBDocumentClient,
  table: string,
  { shards, now }: { shards: number; now: () => number },
) {
  return { newestOfFollower, newestOfEveryone, oldestOfEveryone };

  /** By CreateTime. */
  async function* newestOfFollower(openid: string, span: Span, { at, ...reading }: Reading): AsyncGenerator<Step> {
    const bounds = { lower: second(span.from), upper: span.to === undefined ? END_OF_TIME : second(span.to) };
    if (bounds.lower >= bounds.upper) return;
    mustLieWithin(bounds, at);
    const query = queryOf('openid', openid, 'created', bounds);
    yield* steps(db, { ...reading, query: { ...query, ...(at && { ExclusiveStartKey: { openid, created: at[0] } }) } });
  }

  /** By receipt, day by day. Between two days there is a step without an interaction. */
  async function* newestOfEveryone(
    { from, to, ...asked }: Omit<Pinned, 'openid'>,
    reading: Reading,
  ): AsyncGenerator<Step> {
    const { at, budget } = reading;
    const end = at === undefined ? Math.min(to ?? Number.POSITIVE_INFINITY, now() + SKEW_MS) : endAt(at);
    const bounds = { lower: stamp(from), upper: at?.[0] ?? stamp(end) };
    mustLieWithin(bounds, at);
    for (const day of daysBack(from, end)) {
      const isLatest = day.end >= end;
      if (!isLatest) yield { at: [stamp(day.end)] };
      if (!budget.allowsQueries(shards)) return;
      const ofDay = shardsOf(day, bounds, asked, { ...reading, at: isLatest ? at : undefined }, false);
      yield* merged(ofDay, isNewer, budget);
      if (budget.ranOut) return;
    }
  }

  /** By receipt, day by day. */
  async function* oldestOfEveryone(from: number, to: number, reading: Reading): AsyncGenerator<Step> {
    const end = Math.min(to, now() + SKEW_MS);
    const bounds = { lower: stamp(from), upper: stamp(end) };
    for (const day of daysForth(from, end)) {
      yield* merged(shardsOf(day, bounds, {}, reading, true), isOlder, reading.budget);
    }
  }

  /** The partitions of a day. In the shards before the one where the page ended, that very moment has been shown. */
  function shardsOf({ name }: Day, bounds: Bounds, asked: Asked, { at, ...reading }: Reading, forward: boolean) {
    const [received, last = 0, openid, created] = at ?? [];
    if (last >= shards) throw new WrongCursor('it names a shard that does not exist');
    return Array.from({ length: shards }, (_, shard) => {
      const day = `${name}#${shard}`;
      const query = {
        ...queryOf('day', day, 'received', bounds, asked),
        IndexName: 'by-day',
        ScanIndexForward: forward,
        ...(openid !== undefined && shard === last && { ExclusiveStartKey: { day, received, openid, created } }),
      };
      const all = steps(db, { ...reading, query });
      return openid !== undefined && shard < last ? without(all, received) : all;
    });
  }

  /** Expired items, other kinds and other directions are read but not handed out. */
  function queryOf(pk: string, value: string, sk: string, bounds: Bounds, asked: Asked = {}): QueryCommandInput {
    const filters = Object.entries(asked).filter(([, wanted]) => wanted !== undefined);
    const names = [pk, sk, 'expires_at', ...filters.map(([name]) => name)];
    return {
      TableName: table,
      ScanIndexForward: false,
      KeyConditionExpression: `#${pk} = :pk AND #${sk} BETWEEN :lower AND :upper`,
      FilterExpression: [isAlive, ...filters.map(([name]) => `#${name} = :${name}`)].join(' AND '),
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: {
        ':pk': value,
        ':lower': bounds.lower,
        ':upper': bounds.upper,
        ':now': Math.floor(now() / 1000),
        ...Object.fromEntries(filters.map(([name, wanted]) => [`:${name}`, wanted])),
      },
    };
  }
}

/** Keys are these followed by `#`, so that a time's own keys are behind it: as a lower bound it counts, as an upper not. */
const stamp = (ms: number): string => String(Math.min(ms, LATEST_MS)).padStart(13, '0');
const second = (ms: number): string => String(Math.ceil(Math.min(ms, LATEST_MS) / 1000)).padStart(10, '0');

/** Receipt times from here on have been shown, all but some of the last millisecond if the page ended within it. */
const endAt = ([received, shard]: Position): number => Number(received.slice(0, 13)) + (shard === undefined ? 0 : 1);

function mustLieWithin({ lower, upper }: Bounds, at: Position | undefined): void {
  if (at !== undefined && (at[0] < lower || at[0] > upper)) throw new WrongCursor('it lies outside the time asked for');
}

async function* without(all: AsyncGenerator<Step>, key: string | undefined): AsyncGenerator<Step> {
  for await (const step of all) if (step.at[0] !== key) yield step;
}

function* daysBack(from: number, end: number): Generator<Day> {
  if (from >= end) return;
  for (let start = dayOf(end - 1); start + DAY_MS > from; start -= DAY_MS) yield day(start);
}

function* daysForth(from: number, end: number): Generator<Day> {
  for (let start = dayOf(from); start < end && from < end; start += DAY_MS) yield day(start);
}

const dayOf = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;

const day = (start: number): Day => ({
  name: new Date(start).toISOString().slice(0, 10),
  start,
  end: start + DAY_MS,
});
