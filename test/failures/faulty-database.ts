import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { threeAttempts } from '../../lib/aws/dynamodb-retries.ts';

/** What may go wrong with one call to DynamoDB. After the last it was carried out all the same. */
export const FAULTS = ['throttled', 'error 500', 'no response', 'cut before', 'cut after'] as const;
export type Fault = (typeof FAULTS)[number];

/** One call: `PutItem interactions`, and what it says. */
export type Call = { readonly name: string; readonly body: string };

export type FaultyDatabase = {
  readonly db: DynamoDBDocumentClient;
  /** From now on what this says goes wrong; at first, nothing does. */
  fail: (faultOf: (call: Call) => Fault | undefined) => void;
  readonly close: () => void;
};

/** A little more than `lib/aws/dynamodb.ts` has: a busy machine is not a fault. */
const ANSWER_MS = 1_200;

/** DynamoDB over HTTP, with faults at the calls that are named; its client gives up as the service's does. */
export async function faultyDatabase(): Promise<FaultyDatabase> {
  let faultOf: (call: Call) => Fault | undefined = () => undefined;
  const server = createServer(async (incoming, outgoing) => {
    const body = await text(incoming);
    await serve(incoming, outgoing, body, faultOf({ name: nameOf(incoming, body), body }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    retryStrategy: threeAttempts,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
  });
  return {
    db: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    fail: (next) => {
      faultOf = next;
    },
    close: () => {
      client.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** `BatchGetItem operators`: the tables of a test file have its own ending. */
function nameOf({ headers }: IncomingMessage, body: string): string {
  const { TableName, RequestItems = {} } = JSON.parse(body) as { TableName?: string; RequestItems?: object };
  const table = TableName ?? Object.keys(RequestItems)[0] ?? '';
  return `${String(headers['x-amz-target']).split('.')[1]} ${table.replace(/-[0-9a-f]{12}$/, '')}`;
}

async function serve(incoming: IncomingMessage, outgoing: ServerResponse, body: string, fault: Fault | undefined) {
  if (fault === 'no response') return;
  if (fault === 'cut before') return void outgoing.destroy();
  if (fault === 'error 500') return answer(outgoing, 500, 'InternalServerError');
  if (fault === 'throttled') return answer(outgoing, 400, 'ProvisionedThroughputExceededException');
  const { status, headers, said } = await passedOn(incoming, body);
  if (fault === 'cut after') return void outgoing.destroy();
  outgoing.writeHead(status, headers).end(said);
}

async function passedOn({ headers }: IncomingMessage, body: string) {
  const { hostname, port } = new URL(process.env.DYNAMODB_ENDPOINT ?? '');
  const onward = request({ hostname, port, method: 'POST', headers }).end(body);
  const [response] = (await once(onward, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 500, headers: response.headers, said: await text(response) };
}

function answer(outgoing: ServerResponse, status: number, type: string): void {
  outgoing.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' });
  outgoing.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: type }));
}
