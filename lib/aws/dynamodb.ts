import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DeleteCommandInput,
  DynamoDBDocumentClient,
  PutCommand,
  type PutCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { Config } from '../platform/config.ts';
import { threeAttempts } from './dynamodb-retries.ts';
import { emulated } from './endpoint.ts';

/** One for a process: every further one would connect anew. */
const clients = new Map<string | undefined, DynamoDBDocumentClient>();

/**
 * DynamoDB. One call may take 1 s, connecting 0.5 s, three attempts with waits of at most 100 ms between them: 3.5 s in
 * all, so that WeChat's five seconds suffice.
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

/** Whether a conditional write took place: false when it found its condition false. */
export async function conditionMet(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}

/** One table, as the functions that read and write it take it. */
export type Table = { readonly db: DynamoDBDocumentClient; readonly name: string };

type Unnamed<Input> = Omit<Input, 'TableName'>;

/** Conditional writes: false when the condition was false, and then nothing is written. */

export const put = ({ db, name }: Table, write: Unnamed<PutCommandInput>): Promise<boolean> =>
  conditionMet(db.send(new PutCommand({ TableName: name, ...write })));

export const update = ({ db, name }: Table, write: Unnamed<UpdateCommandInput>): Promise<boolean> =>
  conditionMet(db.send(new UpdateCommand({ TableName: name, ...write })));

export const remove = ({ db, name }: Table, write: Unnamed<DeleteCommandInput>): Promise<boolean> =>
  conditionMet(db.send(new DeleteCommand({ TableName: name, ...write })));
