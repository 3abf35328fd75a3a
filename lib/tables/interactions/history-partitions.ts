import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../../aws/dynamodb.ts';
import { dayOf, dayPartition, momentIn, receivedBound, sortKeyBound } from '../../interactions/keys.ts';
import { WrongCursor } from '../../platform/cursor.ts';
import type { HistoryQuery, Pinned, Position } from './history-cursor.ts';
import { type Budget, isNewer, isOlder, merged, type Step, steps } from './history-reading.ts';

/** The table of interactions, with how many shards a day has and the clock (milliseconds). */
export type Interactions = Table & { readonly shards: number; readonly now: () => number };

/** The limit of a read, its first page size, and the interaction to begin after. */
type Reading = { readonly budget: Budget; readonly batch: number; readonly at?: Position | undefined };
type Span = { readonly from: number; readonly to?: number | undefined };
type Filter = Pick<HistoryQuery, 'kind' | 'direction'>;
type Bounds = { readonly lower: string; readonly upper: string };
type Day = { readonly name: string; readonly end: number };

const DAY_MS = 86_400_000;

/** The most by which the clock that stamped an interaction may be ahead of ours. */
const SKEW_MS = 1_000;

const IS_ALIVE = '(attribute_not_exists(#expires_at) OR #expires_at > :now)';

/** One follower's interactions, newest first by CreateTime. @throws WrongCursor */
export async function* newestOfFollower(
  table: Interactions,
  openid: string,
  span: Span,
  { at, ...reading }: Reading,
): AsyncGenerator<Step> {
  const bounds = { lower: sortKeyBound(span.from), upper: sortKeyBound(span.to) };
  if (bounds.lower >= bounds.upper) return;
  mustLieWithin(bounds, at);
  const query = queryOf(table, { pk: 'openid', value: openid, sk: 'created', bounds });
  const start = at && { ExclusiveStartKey: { openid, created: at[0] } };
  yield* steps(table.db, { ...reading, query: { ...query, ...start } });
}

/** Everyone's, newest first by receipt, day by day. Between two days there is a step without an interaction. */
export async function* newestOfEveryone(
  table: Interactions,
  { from, to, ...filter }: Omit<Pinned, 'openid'>,
  reading: Reading,
): AsyncGenerator<Step> {
  const { at, budget } = reading;
  const end = at === undefined ? Math.min(to ?? Number.POSITIVE_INFINITY, table.now() + SKEW_MS) : endAt(at);
  const bounds = { lower: receivedBound(from), upper: at?.[0] ?? receivedBound(end) };
  mustLieWithin(bounds, at);
  for (const day of daysBack(from, end)) {
    const isLatest = day.end >= end;
    if (!isLatest) yield { at: [receivedBound(day.end)] };
    if (!budget.allowsQueries(table.shards)) return;
    const ofDay = shardsOf(table, day, bounds, { ...reading, filter, at: isLatest ? at : undefined, forward: false });
    yield* merged(ofDay, isNewer, budget);
    if (budget.ranOut) return;
  }
}

/** Everyone's, oldest first by receipt, day by day. */
export async function* oldestOfEveryone(
  table: Interactions,
  from: number,
  to: number,
  reading: Reading,
): AsyncGenerator<Step> {
  const end = Math.min(to, table.now() + SKEW_MS);
  const bounds = { lower: receivedBound(from), upper: receivedBound(end) };
  for (const day of daysForth(from, end)) {
    yield* merged(shardsOf(table, day, bounds, { ...reading, forward: true }), isOlder, reading.budget);
  }
}

type DayReading = Reading & { readonly filter?: Filter; readonly forward: boolean };

/** The partitions of a day. In the shards before the one where the page ended, that very moment has been shown. */
function shardsOf(
  table: Interactions,
  { name }: Day,
  bounds: Bounds,
  { at, filter, forward, ...reading }: DayReading,
): AsyncGenerator<Step>[] {
  const [received, last = 0, openid, created] = at ?? [];
  if (last >= table.shards) throw new WrongCursor('names a shard that does not exist');
  return Array.from({ length: table.shards }, (_, shard) => {
    const day = dayPartition(name, shard);
    const query = {
      ...queryOf(table, { pk: 'day', value: day, sk: 'received', bounds, filter }),
      IndexName: 'by-day',
      ScanIndexForward: forward,
      ...(openid !== undefined && shard === last && { ExclusiveStartKey: { day, received, openid, created } }),
    };
    const all = steps(table.db, { ...reading, query });
    return openid !== undefined && shard < last ? without(all, received) : all;
  });
}

type Range = {
  readonly pk: 'openid' | 'day';
  readonly value: string;
  readonly sk: 'created' | 'received';
  readonly bounds: Bounds;
  readonly filter?: Filter | undefined;
};

/** Expired items, other kinds and other directions are read but not handed out. */
function queryOf(table: Interactions, { pk, value, sk, bounds, filter = {} }: Range): QueryCommandInput {
  const filters = Object.entries(filter).filter(([, wanted]) => wanted !== undefined);
  const names = [pk, sk, 'expires_at', ...filters.map(([name]) => name)];
  return {
    TableName: table.name,
    ScanIndexForward: false,
    KeyConditionExpression: `#${pk} = :pk AND #${sk} BETWEEN :lower AND :upper`,
    FilterExpression: [IS_ALIVE, ...filters.map(([name]) => `#${name} = :${name}`)].join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ':pk': value,
      ':lower': bounds.lower,
      ':upper': bounds.upper,
      ':now': Math.floor(table.now() / 1000),
      ...Object.fromEntries(filters.map(([name, wanted]) => [`:${name}`, wanted])),
    },
  };
}

/** Receipt times from here on have been shown, all but some of the last millisecond if the page ended within it. */
const endAt = ([received, shard]: Position): number => momentIn(received) + (shard === undefined ? 0 : 1);

function mustLieWithin({ lower, upper }: Bounds, at: Position | undefined): void {
  if (at !== undefined && (at[0] < lower || at[0] > upper)) throw new WrongCursor('lies outside the requested time');
}

async function* without(all: AsyncGenerator<Step>, key: string | undefined): AsyncGenerator<Step> {
  for await (const step of all) if (step.at[0] !== key) yield step;
}

function* daysBack(from: number, end: number): Generator<Day> {
  if (from >= end) return;
  for (let start = startOfDay(end - 1); start + DAY_MS > from; start -= DAY_MS) yield day(start);
}

function* daysForth(from: number, end: number): Generator<Day> {
  for (let start = startOfDay(from); start < end && from < end; start += DAY_MS) yield day(start);
}

const startOfDay = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;

const day = (start: number): Day => ({ name: dayOf(start), end: start + DAY_MS });
