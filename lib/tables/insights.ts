import { randomUUID } from 'node:crypto';
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { conditionMet } from '../aws/dynamodb.ts';
import type { StoredFigures } from '../insights/stored.ts';

/** The figures of one UTC hour, which begins at `hour` (milliseconds). */
export type HourRow = { readonly hour: number; readonly figures: StoredFigures };

/** Something was written into the hour after it was closed, or will be: its row is stale. `at` is in milliseconds. */
export type Mark = { readonly hour: number; readonly at: number; readonly mark: string };

type Key = { readonly day: string; readonly hour: string };

/** `revision` differs each time a row is put, so that whoever changes one can tell whether it was put meanwhile. */
type Item = Key & StoredFigures & { readonly revision?: string };

type MarkItem = Key & Pick<Mark, 'at' | 'mark'>;

/** Marks lie in a partition of their own: there are few, whatever the age of their hours. */
const STALE = 'stale';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A day is up to 2.4 MB. */
const DAYS_AT_ONCE = 8;

export const insightsTable = (db: DynamoDBDocumentClient, table: string) => ({
  /** Puts an hour's figures, in place of those it had. */
  async put({ hour, figures }: HourRow): Promise<void> {
    const item: Item = { ...keyOf(hour), ...figures, revision: randomUUID() };
    await db.send(new PutCommand({ TableName: table, Item: item }));
  },

  /** The hours between two times (milliseconds; `to` is exclusive) that have figures, in order. */
  async *between(from: number, to: number): AsyncGenerator<HourRow> {
    const days = daysBetween(from, to);
    while (days.length > 0) {
      const some = await Promise.all(days.splice(0, DAYS_AT_ONCE).map((day) => itemsOf<Item>(db, table, day)));
      yield* some
        .flat()
        .map(rowOf)
        .filter(({ hour }) => hour >= from && hour < to);
    }
  },

  /** Marks an hour, at a time in milliseconds; a mark that it has becomes this one. */
  async mark(hour: number, at: number): Promise<void> {
    const item = { ...markKey(hour), at, mark: randomUUID() };
    await db.send(new PutCommand({ TableName: table, Item: item }));
  },

  /** The marks of the hours between two times. Whoever reads rows, too, reads the marks first. */
  async marks(from = 0, to = Number.POSITIVE_INFINITY): Promise<Mark[]> {
    const marks = (await itemsOf<MarkItem>(db, table, STALE)).map(markOf);
    return marks.filter(({ hour }) => hour >= from && hour < to);
  },

  /** Takes a mark away, unless the hour was marked again. */
  async settle({ hour, mark }: Mark): Promise<void> {
    const removal = new DeleteCommand({
      TableName: table,
      Key: markKey(hour),
      ConditionExpression: '#mark = :mark',
      ExpressionAttributeNames: { '#mark': 'mark' },
      ExpressionAttributeValues: { ':mark': mark },
    });
    await conditionMet(db.send(removal));
  },
});

export type InsightsTable = ReturnType<typeof insightsTable>;

async function itemsOf<T>(client: DynamoDBDocumentClient, TableName: string, day: string): Promise<T[]> {
  const items: T[] = [];
  const query = {
    TableName,
    ConsistentRead: true,
    KeyConditionExpression: '#day = :day',
    ExpressionAttributeNames: { '#day': 'day' },
    ExpressionAttributeValues: { ':day': day },
  };
  for await (const { Items = [] } of paginateQuery({ client }, query)) items.push(...(Items as T[]));
  return items;
}

const rowOf = ({ day, hour, revision: _, ...figures }: Item): HourRow => ({
  hour: Date.parse(`${day}T${hour}:00:00Z`),
  figures,
});

/** The hour of a mark is `2026-11-22T13`. */
const markOf = ({ hour, at, mark }: MarkItem): Mark => ({
  hour: Date.parse(`${hour}:00:00Z`),
  at,
  mark,
});

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
