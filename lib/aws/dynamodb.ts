import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DeleteCommandInput,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  type PutCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { Config } from '../platform/config.ts';
import { threeAttempts } from './dynamodb-retries.ts';
import { emulated } from './endpoint.ts';

/** One client per process and endpoint, to share connections. */
const clients = new Map<string | undefined, DynamoDBDocumentClient>();

/**
 * The DynamoDB client. A call may take 1 s, connecting 0.5 s, in three attempts with pauses of at most 100 ms: 3.5 s in
 * all, within WeChat's five seconds.
 */
export function documentClient({ DYNAMODB_ENDPOINT }: Config<'DYNAMODB_ENDPOINT'>): DynamoDBDocumentClient {
  const client = clients.get(DYNAMODB_ENDPOINT) ?? newClient(DYNAMODB_ENDPOINT);
  clients.set(DYNAMODB_ENDPOINT, client);
  return client;
}

function newClient(endpoint: string | undefined): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    retryStrategy: threeAttempts,
    requestHandler: { connectionTimeout: 500, requestTimeout: 1_000, throwOnRequestTimeout: true },
    ...emulated(endpoint),
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** True if a conditional write took place, false if its condition failed. */
export async function conditionMet(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}

/** A table with its client. */
export type Table = { readonly db: DynamoDBDocumentClient; readonly name: string };

type Unnamed<Input> = Omit<Input, 'TableName'>;

/** Conditional writes: false if the condition failed and nothing was written. */

export const put = (
  { db, name }: Table,
  write: Unnamed<PutCommandInput>,
  abortSignal?: AbortSignal,
): Promise<boolean> =>
  conditionMet(db.send(new PutCommand({ TableName: name, ...write }), abortSignal ? { abortSignal } : {}));

export const update = ({ db, name }: Table, write: Unnamed<UpdateCommandInput>): Promise<boolean> =>
  conditionMet(db.send(new UpdateCommand({ TableName: name, ...write })));

export const remove = ({ db, name }: Table, write: Unnamed<DeleteCommandInput>): Promise<boolean> =>
  conditionMet(db.send(new DeleteCommand({ TableName: name, ...write })));

/** An item, read consistently unless said otherwise. */
export async function get(
  { db, name }: Table,
  Key: Record<string, unknown>,
  { signal, consistent = true }: { readonly signal?: AbortSignal | undefined; readonly consistent?: boolean } = {},
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const command = new GetCommand({ TableName: name, Key, ConsistentRead: consistent });
  return (await db.send(command, signal ? { abortSignal: signal } : {})).Item;
}
