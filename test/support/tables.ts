import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { documentClient } from '../../lib/aws/dynamodb.ts';
import { createTables, tableDefinitions, variableOf } from '../../local/tables.ts';

/** A client for the embedded DynamoDB. */
export const database = (): DynamoDBDocumentClient =>
  documentClient({ DYNAMODB_ENDPOINT: process.env.DYNAMODB_ENDPOINT });

export const tableNamed = (table: string): string => {
  const name = process.env[variableOf(table)];
  if (name === undefined) throw new TypeError(`stack/tables.yml has no table ${table}`);
  return name;
};

/** Makes this test file's tables; call it in `beforeAll`. */
export const makeTables = (): Promise<readonly string[]> => createTables(database(), tableDefinitions(), tableNamed);

/** What one BatchWriteItem takes. */
const MOST_AT_ONCE = 25;

/** Puts items into a table as they are, by its key in stack/tables.yml. */
export async function put(table: string, items: readonly object[]): Promise<void> {
  for (let from = 0; from < items.length; from += MOST_AT_ONCE) {
    const requests = items.slice(from, from + MOST_AT_ONCE).map((Item) => ({ PutRequest: { Item } }));
    await database().send(new BatchWriteCommand({ RequestItems: { [tableNamed(table)]: requests } }));
  }
}
