import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export type Key = { readonly pk: string; readonly sk: string };
export type Item = Record<string, unknown>;

const ATTEMPTS = 4;
const PAUSE_MS = 50;

/** Some items in one consistent read, in no order. DynamoDB may leave keys unread; those are asked for again. */
export async function readTogether(db: DynamoDBDocumentClient, table: string, keys: readonly Key[]): Promise<Item[]> {
  const read: Item[] = [];
  let unread: Record<string, unknown>[] = [...keys];
  for (let attempt = 1; unread.length > 0; attempt++) {
    const { Responses, UnprocessedKeys } = await db.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: unread, ConsistentRead: true } } }),
    );
    read.push(...(Responses?.[table] ?? []));
    unread = UnprocessedKeys?.[table]?.Keys ?? [];
    if (unread.length > 0 && attempt === ATTEMPTS) throw new Error(`${table}: a batch stays unread`);
    if (unread.length > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
  }
  return read;
}
