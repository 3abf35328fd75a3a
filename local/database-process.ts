import type { RequestListener } from 'node:http';
import type { DatabaseOptions, Started } from './database.ts';
import { embeddedDatabase } from './embedded-database.ts';
import { guarded } from './guard.ts';
import { closed, listen } from './listening.ts';

async function start({ path, port, accessKey }: DatabaseOptions): Promise<void> {
  const database = embeddedDatabase({ path });
  const [answer] = database.listeners('request') as RequestListener[];
  if (answer === undefined) throw new TypeError('dynalite answers no requests');
  database.removeAllListeners('request').on('request', guarded(answer, { accessKey }));
  await listen(database, port);
  process.once('disconnect', async () => {
    await closed(database);
    process.exit();
  });
}

/** Ctrl-C reaches this process, too, but the functions still need it: it ends when its parent disconnects. */
process.on('SIGINT', () => undefined);
process.once('message', async (options: DatabaseOptions) => {
  const started: Started = await start(options).then(
    () => 'ready',
    (error: Error) => ({ failed: error.message }),
  );
  process.send?.(started, () => {
    if (started !== 'ready') process.exit(1);
  });
});
