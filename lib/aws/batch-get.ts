import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { untilDone } from './batches.ts';
import type { Table } from './dynamodb.ts';

export type Key = { readonly pk: string; readonly sk: string };
export type Item = Record<string, unknown>;

const PAUSES_MS = [50, 100, 150];

/**
 * Reads items by key, consistently, in no order; with `attributes` only those of each. Keys that DynamoDB leaves
 * unprocessed are retried.
 * @throws AppError `UNPROCESSED`, if some are in the end
 */
export async function batchGet(
  { db, name }: Table,
  keys: readonly Key[],
  attributes?: readonly string[],
): Promise<Item[]> {
  const read: Item[] = [];
  await untilDone<Item>(name, [...keys], { pauses: PAUSES_MS, sleep }, async (unread) => {
    const { Responses, UnprocessedKeys } = await db.send(
      new BatchGetCommand({
        RequestItems: { [name]: { Keys: unread, ConsistentRead: true, ...(attributes && projected(attributes)) } },
      }),
    );
    read.push(...(Responses?.[name] ?? []));
    return UnprocessedKeys?.[name]?.Keys ?? [];
  });
  return read;
}

/** The projection of a read to attributes. */
export const projected = (attributes: readonly string[]) => ({
  ProjectionExpression: attributes.map((name) => `#${name}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
});
