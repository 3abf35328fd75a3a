import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { documentClient } from '../../lib/tables/client.ts';
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
