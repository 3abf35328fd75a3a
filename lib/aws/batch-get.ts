import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from './dynamodb.ts';

export type Key = { readonly pk: string; readonly sk: string };
export type Item = Record<string, unknown>;

const ATTEMPTS = 4;
const PAUSE_MS = 50;

/**
 * Reads items by key, consistently, in no order; with `attributes` only those of each. Keys that DynamoDB leaves
 * unprocessed are retried.
 */
export async function batchGet(
  { db, name }: Table,
  keys: readonly Key[],
  attributes?: readonly string[],
): Promise<Item[]> {
  const read: Item[] = [];
  let unread: Record<string, unknown>[] = [...keys];
  for (let attempt = 1; unread.length > 0; attempt++) {
    const { Responses, UnprocessedKeys } = await db.send(
      new BatchGetCommand({
        RequestItems: { [name]: { Keys: unread, ConsistentRead: true, ...(attributes && projected(attributes)) } },
      }),
    );
    read.push(...(Responses?.[name] ?? []));
    unread = UnprocessedKeys?.[name]?.Keys ?? [];
    if (unread.length > 0 && attempt === ATTEMPTS) throw new Error(`${name}: a batch stays unread`);
    if (unread.length > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
  }
  return read;
}

/** The projection of a read to attributes. */
export const projected = (attributes: readonly string[]) => ({
  ProjectionExpression: attributes.map((name) => `#${name}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
});
