import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, open, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { type DatabaseOptions, startDatabase } from '../../local/database.ts';
import { listening, portOf } from '../../local/listening.ts';

const folder = mkdtempSync(join(tmpdir(), 'wechat-server-database-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** More than a process has threads for files and for hashing. */
const MANY = 8;
/** Only so that a failure ends. */
const LONG_MS = 30_000;
const openFile = promisify(open);

async function freePort(): Promise<number> {
  const server = await listening(() => undefined, 0);
  const port = portOf(server);
  await new Promise((done) => server.close(done));
  return port;
}

const optionsOf = async (name: string): Promise<DatabaseOptions> => ({
  path: join(folder, name),
  port: await freePort(),
  accessKey: 'key',
});

function clientOf({ port, accessKey: accessKeyId }: DatabaseOptions): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'local',
    credentials: { accessKeyId, secretAccessKey: 'any' },
  });
}

describe('the embedded DynamoDB', () => {
  it('answers while every thread of the functions’ process is busy, as when many sign in at once', async () => {
    const options = await optionsOf('busy');
    const database = await startDatabase(options);
    const client = clientOf(options);
    const ask = () => client.send(new ListTablesCommand({}), { abortSignal: AbortSignal.timeout(LONG_MS) });
    await ask(); // What the client loads is loaded by these threads, too.
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // Opening a pipe to read takes a thread until somebody opens it to write.
    const readers = Array.from({ length: MANY }, () => openFile(pipe, 'r'));
    try {
      expect(await ask()).toMatchObject({ TableNames: [] });
    } finally {
      const writer = openSync(pipe, 'w');
      for (const reader of await Promise.all(readers)) closeSync(reader);
      closeSync(writer);
      client.destroy();
      await database.stop();
    }
  });

  it('says why it does not start', async () => {
    const options = await optionsOf('taken');
    const other = createServer().listen(options.port, '127.0.0.1');
    try {
      await expect(startDatabase(options)).rejects.toThrow(/did not start: .*EADDRINUSE/);
    } finally {
      other.close();
    }
  });
});
