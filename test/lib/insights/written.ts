import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Interaction } from '../../../lib/tables/interactions/item.ts';

const MOST_AT_ONCE = 25;

/** Puts interactions into the table as they are, with whatever time of receipt. */
export async function written(db: DynamoDBDocumentClient, table: string, all: readonly Interaction[]): Promise<void> {
  for (let at = 0; at < all.length; at += MOST_AT_ONCE) {
    const items = all.slice(at, at + MOST_AT_ONCE).map((Item) => ({ PutRequest: { Item } }));
    await db.send(new BatchWriteCommand({ RequestItems: { [table]: items } }));
  }
}
