import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** How the embedded DynamoDB is started: where it keeps its data, on which port, and what opens it. */
export type DatabaseOptions = { readonly path: string; readonly port: number; readonly accessKey: string };

/**
 * The embedded DynamoDB, in a thread of its own: what it computes for one function keeps none of the others waiting.
 * @throws if its port is taken, or its data in use
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
