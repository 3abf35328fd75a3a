import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import { parse } from 'yaml';

const FILE = 'stack/tables.yml';

/**
 * The definitions of the deployed tables, read from the stack's file, for the embedded DynamoDB. Keys of the result:
 * `interactions`, `operators`, …
 */
export function tableDefinitions(): Record<string, CreateTableCommandInput> {
  const { Resources }: { Resources: Record<string, Resource> } = parse(readFileSync(FILE, 'utf8'));
  const tables = Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::DynamoDB::Table');
  return Object.fromEntries(tables.map(([id, { Properties }]) => [nameOf(id), creatable(Properties)]));
}

type Resource = { Type: string; Properties: CreateTableCommandInput };

/** The environment variable with a table's name: `REPLY_RULES_TABLE` for `reply-rules`. */
export const variableOf = (table: string): string => `${table.toUpperCase().replaceAll('-', '_')}_TABLE`;

const nameOf = (logicalId: string): string =>
  logicalId
    .replace(/Table$/, '')
    .replace(/(?<=.)[A-Z]/g, (letter) => `-${letter}`)
    .toLowerCase();

const creatable = (table: CreateTableCommandInput): CreateTableCommandInput => ({
  TableName: table.TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: table.AttributeDefinitions,
  KeySchema: table.KeySchema,
  ...(table.GlobalSecondaryIndexes && {
    GlobalSecondaryIndexes: table.GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => ({
      IndexName,
      KeySchema,
      Projection,
    })),
  }),
});

/**
 * Creates each missing table, under its name by `nameOf`, and waits until all are active.
 * @returns the keys of the created tables
 */
export async function createTables(
  client: DynamoDBClient,
  definitions: Record<string, CreateTableCommandInput>,
  nameOf: (table: string) => string,
): Promise<readonly string[]> {
  const created = await Promise.all(
    Object.entries(definitions).map(async ([table, definition]) =>
      (await create(client, { ...definition, TableName: nameOf(table) })) ? [table] : [],
    ),
  );
  return created.flat();
}

/** Creates a table; false if it existed. */
async function create(client: DynamoDBClient, definition: CreateTableCommandInput): Promise<boolean> {
  const isMade = await client.send(new CreateTableCommand(definition)).then(
    () => true,
    (error: unknown) => {
      if (!(error instanceof ResourceInUseException)) throw error;
      return false;
    },
  );
  const { TableName } = definition;
  const status = async () => (await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus;
  while ((await status()) !== 'ACTIVE') await sleep(10);
  return isMade;
}
