import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { tableDefinitions } from '../local/tables.ts';
import { tableNamed } from '../test/support/tables.ts';

/** The calls to DynamoDB, and the capacity units consumed. */
type Spent = { calls: number; readUnits: number; writeUnits: number };

export type Meter = {
  /** To be given to functions as DYNAMODB_ENDPOINT. */
  readonly url: string;
  /** The consumption and duration of some work. Nothing else may run meanwhile. */
  readonly spentBy: (run: () => Promise<unknown>) => Promise<Spent & { ms: number }>;
  readonly close: () => void;
};

type Consumed = { TableName: string; CapacityUnits: number; GlobalSecondaryIndexes?: object };

const READS = ['GetItem', 'BatchGetItem', 'Query', 'Scan'];
const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'];

/** A query that finds nothing is charged as the smallest item is; the embedded database says 0. */
const LEAST_READ_UNITS = 0.5;

/** A condition that is false is charged as a write; the embedded database says nothing then. */
const REFUSED_WRITE_UNITS = 1;

/**
 * Stands in front of the database and has every call say what it consumed. The embedded one leaves the indexes out: a new
 * item is written to each of them as well, at the same size since they project all. Other engines count them.
 */
export async function startMeter(database: string): Promise<Meter> {
  const writesPerPut = indexesOfTables();
  const agent = new Agent({ keepAlive: true });
  let spent: Spent = nothing();
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async spentBy(run) {
      spent = nothing();
      const start = performance.now();
      await run();
      return { ...spent, ms: performance.now() - start };
    },
    close() {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    const isMetered = READS.includes(operation) || WRITES.includes(operation);
    const asked = await text(incoming);
    const body = isMetered ? JSON.stringify({ ...JSON.parse(asked), ReturnConsumedCapacity: 'INDEXES' }) : asked;
    const answer = await forward(incoming, body);
    if (isMetered) add(operation, JSON.parse(answer.body));
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  }

  async function forward({ headers, method = 'POST' }: IncomingMessage, body: string) {
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      request(database, { method, agent, headers: { ...headers, ...length } }, resolve)
        .on('error', reject)
        .end(body),
    );
    return { status: response.statusCode ?? 500, headers: response.headers, body: await text(response) };
  }

  function add(operation: string, { ConsumedCapacity = [] }: { ConsumedCapacity?: Consumed | Consumed[] }): void {
    const consumed = [ConsumedCapacity].flat();
    spent.calls += 1;
    if (READS.includes(operation)) spent.readUnits += Math.max(LEAST_READ_UNITS, total(consumed));
    else if (consumed.length === 0) spent.writeUnits += REFUSED_WRITE_UNITS;
    else spent.writeUnits += total(consumed.map((one) => ({ ...one, CapacityUnits: withIndexes(operation, one) })));
  }

  function withIndexes(operation: string, { TableName, CapacityUnits, GlobalSecondaryIndexes }: Consumed): number {
    return operation === 'PutItem' && !GlobalSecondaryIndexes
      ? CapacityUnits * (writesPerPut.get(TableName) ?? 1)
      : CapacityUnits;
  }
}

const nothing = (): Spent => ({ calls: 0, readUnits: 0, writeUnits: 0 });

const total = (consumed: readonly Consumed[]): number =>
  consumed.reduce((units, { CapacityUnits }) => units + CapacityUnits, 0);

/** The writes per new item of each table: one, and one for each index. */
const indexesOfTables = (): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(tableDefinitions()).map(([table, { GlobalSecondaryIndexes = [] }]) => [
      tableNamed(table),
      1 + GlobalSecondaryIndexes.length,
    ]),
  );
