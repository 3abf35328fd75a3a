import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

/** One process of Lambda's: loads the handler once, then runs it for every event. */
const { [workerData.handler]: handler } = await import(pathToFileURL(workerData.file).href);

parentPort.postMessage({ loaded: true });
parentPort.on('message', async ({ id, event, context, until }) => {
  const getRemainingTimeInMillis = () => Math.max(0, until - Date.now());
  try {
    parentPort.postMessage({ id, result: await handler(event, { ...context, getRemainingTimeInMillis }) });
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    parentPort.postMessage({ id, error: { name, message, stack } });
  }
});
