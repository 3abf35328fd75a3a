import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

/** The door of a thread from JavaScript to TypeScript: runs the module that its starter names. */
register();
await import(workerData.module);
