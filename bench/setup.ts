import { fork } from 'node:child_process';
import { once } from 'node:events';
import { startAccount } from '../test/support/account.ts';
import { makeTables } from '../test/support/tables.ts';
import { type Meter, startMeter } from './meter.ts';

/** Runs with tables in an embedded DynamoDB, in a process of its own, or in the engine that DYNAMODB_ENDPOINT names. */
export async function withDatabase<T>(run: () => Promise<T>): Promise<T> {
  const given = process.env.DYNAMODB_ENDPOINT;
  const database = given === undefined ? await startDatabase() : undefined;
  process.env.DYNAMODB_ENDPOINT = database?.url ?? given;
  try {
    await makeTables();
    return await run();
  } finally {
    if (given === undefined) delete process.env.DYNAMODB_ENDPOINT;
    database?.stop();
  }
}

async function startDatabase(): Promise<{ url: string; stop: () => void }> {
  const child = fork('bench/database.js', { execArgv: [] });
  const [port] = await once(child, 'message');
  return { url: `http://127.0.0.1:${port}`, stop: () => child.disconnect() };
}

export type Metered = Meter & { readonly account: Awaited<ReturnType<typeof startAccount>> };

/**
 * The same with a simulated WeChat, and a meter between the functions and the database. The functions are made for this
 * setup when they are first imported, so there is one such run in a process.
 */
export const withMeter = <T>(run: (metered: Metered) => Promise<T>): Promise<T> =>
  withDatabase(async () => {
    const database = process.env.DYNAMODB_ENDPOINT ?? '';
    const meter = await startMeter(database);
    const account = await startAccount();
    process.env.DYNAMODB_ENDPOINT = meter.url;
    try {
      return await run({ ...meter, account });
    } finally {
      process.env.DYNAMODB_ENDPOINT = database;
      await account.stop();
      meter.close();
    }
  });
