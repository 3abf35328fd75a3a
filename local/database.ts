import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The data folder, port and access key of the embedded DynamoDB. */
export type DatabaseOptions = { readonly path: string; readonly port: number; readonly accessKey: string };

/** What the process reports: that it answers, or why it cannot. */
export type Started = 'ready' | { readonly failed: string };

/**
 * Starts the embedded DynamoDB in its own process. A process has few threads for reading files and for hashing, and in
 * the functions' process passwords keep all of them busy for seconds.
 * @throws if its port or data is in use
 */
export async function startDatabase(options: DatabaseOptions): Promise<{ stop: () => Promise<void> }> {
  const database = fork(fileURLToPath(new URL('./database-process.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  const ended = once(database, 'exit');
  database.send(options);
  const [started] = (await Promise.race([once(database, 'message'), ended])) as [Started | number | null];
  if (started !== 'ready') {
    await ended; // Until then it writes into the folder.
    throw new Error(`The embedded DynamoDB did not start: ${reasonOf(started)}`);
  }
  let isStopping = false;
  database.once('exit', () => {
    if (!isStopping) throw new Error('The embedded DynamoDB ended');
  });
  return {
    async stop() {
      isStopping = true;
      if (database.connected) database.disconnect();
      await ended;
    },
  };
}

const reasonOf = (started: Exclude<Started, 'ready'> | number | null): string =>
  typeof started === 'object' && started !== null ? started.failed : `its process ended (${started})`;
