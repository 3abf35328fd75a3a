import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { put, remove, type Table } from '../aws/dynamodb.ts';
import { type StoredFigures, storedFiguresIn } from '../insights/stored.ts';

/** The figures of one UTC hour, which begins at `hour` (milliseconds). */
export type HourRow = { readonly hour: number; readonly figures: StoredFigures };

/** Something was written into the hour after it was closed, or will be: its row is stale. `at` is in milliseconds. */
export type Mark = { readonly hour: number; readonly at: number; readonly mark: string };

type Key = { readonly day: string; readonly hour: string };

type Item = Readonly<Record<string, unknown>>;

const RowKey = v.object({ day: v.string(), hour: v.string() });
const StoredMark = v.object({ hour: v.string(), at: v.number(), mark: v.string() });

/** Marks lie in a partition of their own: there are few, whatever the age of their hours. */
const STALE = 'stale';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A day is up to 2.4 MB. */
const DAYS_AT_ONCE = 8;

export const insightsTable = (db: DynamoDBDocumentClient, name: string) => {
  const table = { db, name };
  return {
    put: (row: HourRow) => putRow(table, row),
    between: (from: number, to: number) => between(table, from, to),
    mark: (hour: number, at: number) => putMark(table, hour, at),
    marks: (from?: number, to?: number) => marks(table, from, to),
    settle: (mark: Mark) => settle(table, mark),
  };
};

export type InsightsTable = ReturnType<typeof insightsTable>;

/**
 * Puts an hour's figures, in place of those it had. `revision` differs each time, so that whoever changes a row can tell
 * whether it was put meanwhile.
 */
async function putRow(table: Table, { hour, figures }: HourRow): Promise<void> {
  await put(table, { Item: { ...keyOf(hour), ...figures, revision: randomUUID() } });
}

/**
 * The hours between two times (milliseconds; `to` is exclusive) that have figures, in order. Those of another version
 * count as absent.
 */
async function* between(table: Table, from: number, to: number): AsyncGenerator<HourRow> {
  const days = daysBetween(from, to);
  while (days.length > 0) {
    const some = await Promise.all(days.splice(0, DAYS_AT_ONCE).map((day) => itemsOf(table, day)));
    yield* some
      .flat()
      .flatMap((item) => rowIn(item) ?? [])
      .filter(({ hour }) => hour >= from && hour < to);
  }
}

/** Marks an hour, at a time in milliseconds; a mark that it has becomes this one. */
async function putMark(table: Table, hour: number, at: number): Promise<void> {
  await put(table, { Item: { ...markKey(hour), at, mark: randomUUID() } });
}

/** The marks of the hours between two times. Whoever reads rows, too, reads the marks first. */
async function marks(table: Table, from = 0, to = Number.POSITIVE_INFINITY): Promise<Mark[]> {
  const all = (await itemsOf(table, STALE)).map(markIn);
  return all.filter(({ hour }) => hour >= from && hour < to);
}

/** Takes a mark away, unless the hour was marked again. */
async function settle(table: Table, { hour, mark }: Mark): Promise<void> {
  await remove(table, {
    Key: markKey(hour),
    ConditionExpression: '#mark = :mark',
    ExpressionAttributeNames: { '#mark': 'mark' },
    ExpressionAttributeValues: { ':mark': mark },
  });
}

async function itemsOf({ db, name }: Table, day: string): Promise<Item[]> {
  const items: Item[] = [];
  const query = {
    TableName: name,
    ConsistentRead: true,
    KeyConditionExpression: '#day = :day',
    ExpressionAttributeNames: { '#day': 'day' },
    ExpressionAttributeValues: { ':day': day },
  };
  for await (const { Items = [] } of paginateQuery({ client: db }, query)) items.push(...Items);
  return items;
}

function rowIn(item: Item): HourRow | undefined {
  const { day, hour } = v.parse(RowKey, item);
  const figures = storedFiguresIn(item);
  return figures && { hour: Date.parse(`${day}T${hour}:00:00Z`), figures };
}

/** The hour of a mark is `2026-11-22T13`. A mark that cannot be read must not pass for none. @throws ValiError */
function markIn(item: Item): Mark {
  const { hour, at, mark } = v.parse(StoredMark, item);
  return { hour: Date.parse(`${hour}:00:00Z`), at, mark };
}

const markKey = (hour: number): Key => ({ day: STALE, hour: new Date(hour).toISOString().slice(0, 13) });

/** `2026-11-22` and `13`. */
const keyOf = (hour: number): Key => {
  const time = new Date(hour).toISOString();
  return { day: time.slice(0, 10), hour: time.slice(11, 13) };
};

function daysBetween(from: number, to: number): string[] {
  const first = Math.floor(from / DAY_MS);
  const count = Math.max(0, Math.ceil(to / DAY_MS) - first);
  return Array.from({ length: count }, (_, at) => keyOf((first + at) * DAY_MS).day);
}
