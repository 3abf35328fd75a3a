import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';

/**
 * One embedded DynamoDB for the whole run, or the engine that DYNAMODB_ENDPOINT names. Every test file makes tables of
 * its own (`environment.ts`).
 */
export default async function startDatabase(): Promise<void> {
  if (process.env.DYNAMODB_ENDPOINT) return;
  const server: Server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  process.env.DYNAMODB_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(globalThis, { database: server });
}
