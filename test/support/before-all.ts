import { mkdtempSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedDatabase } from '../../local/embedded-database.ts';

/**
 * One embedded DynamoDB for the whole run, or the engine that DYNAMODB_ENDPOINT names; every test file makes tables of
 * its own. And one file for what the service logs.
 */
export default async function beforeAllTests(): Promise<void> {
  process.env.TEST_LOG = join(mkdtempSync(join(tmpdir(), 'wechat-server-')), 'log.jsonl');
  writeFileSync(process.env.TEST_LOG, '');
  if (process.env.DYNAMODB_ENDPOINT) return;
  const server: Server = embeddedDatabase();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  process.env.DYNAMODB_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(globalThis, { database: server });
}
