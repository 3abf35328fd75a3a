import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** The data folder, port and access key of the embedded DynamoDB. */
export type DatabaseOptions = { readonly path: string; readonly port: number; readonly accessKey: string };

/**
 * Starts the embedded DynamoDB in its own thread, so that its work does not block others.
 * @throws if its port or data is in use
 */
export async function startDatabase(options: DatabaseOptions): Promise<{ stop: () => Promise<void> }> {
  const thread = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: { ...options, module: './database-thread.ts' },
  });
  await once(thread, 'message');
  return {
    async stop() {
      thread.postMessage('stop');
      await once(thread, 'exit');
    },
  };
}
