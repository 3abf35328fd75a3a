import { type DynamoDBDocumentClient, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { StoredFigures } from '../insights/stored.ts';

/** The figures of one UTC hour, which begins at `hour` (milliseconds). */
export type HourRow = { readonly hour: number; readonly figures: StoredFigures };

type Item = { readonly day: string; readonly hour: string } & StoredFigures;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A day is up to 2.4 MB. */
const DAYS_AT_ONCE = 8;

export const insightsTable = (db: DynamoDBDocumentClient, table: string) => ({
  /** Puts an hour's figures, in place of those it had. */
  async put({ hour, figures }: HourRow): Promise<void> {
    await db.send(new PutCommand({ TableName: table, Item: { ...keyOf(hour), ...figures } satisfies Item }));
  },

  /** The hours between two times (milliseconds; `to` is exclusive) that have figures, in order. */
  async *between(from: number, to: number): AsyncGenerator<HourRow> {
    const days = daysBetween(from, to);
    while (days.length > 0) {
      const some = await Promise.all(days.splice(0, DAYS_AT_ONCE).map((day) => hoursOf(db, table, day)));
      yield* some.flat().filter(({ hour }) => hour >= from && hour < to);
    }
  },
});

export type InsightsTable = ReturnType<typeof insightsTable>;

async function hoursOf(client: DynamoDBDocumentClient, TableName: string, day: string): Promise<HourRow[]> {
  const rows: HourRow[] = [];
  const query = {
    TableName,
    KeyConditionExpression: '#day = :day',
    ExpressionAttributeNames: { '#day': 'day' },
    ExpressionAttributeValues: { ':day': day },
  };
  for await (const { Items = [] } of paginateQuery({ client }, query)) rows.push(...(Items as Item[]).map(rowOf));
  return rows;
}

const rowOf = ({ day, hour, ...figures }: Item): HourRow => ({ hour: Date.parse(`${day}T${hour}:00:00Z`), figures });

/** `2026-11-22` and `13`. */
const keyOf = (hour: number): { day: string; hour: string } => {
  const time = new Date(hour).toISOString();
  return { day: time.slice(0, 10), hour: time.slice(11, 13) };
};

function daysBetween(from: number, to: number): string[] {
  const first = Math.floor(from / DAY_MS);
  const count = Math.max(0, Math.ceil(to / DAY_MS) - first);
  return Array.from({ length: count }, (_, at) => keyOf((first + at) * DAY_MS).day);
}
