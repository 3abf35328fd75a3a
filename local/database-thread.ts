import type { RequestListener } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import type { DatabaseOptions } from './database.ts';
import { embeddedDatabase } from './embedded-database.ts';
import { guarded } from './guard.ts';
import { closed, listen } from './listening.ts';

const { path, port, accessKey }: DatabaseOptions = workerData;
const database = embeddedDatabase({ path });
const [answer] = database.listeners('request') as RequestListener[];
if (answer === undefined) throw new TypeError('dynalite answers no requests');
database.removeAllListeners('request').on('request', guarded(answer, { accessKey }));
await listen(database, port);
parentPort?.postMessage('ready');
parentPort?.once('message', async () => {
  await closed(database);
  process.exit();
});
