/** Run in a fresh process: `node load-once.js <file>` prints the milliseconds, and those of CPU, that import() took. */
import { pathToFileURL } from 'node:url';

// Lambda's runtime has these before it loads a handler; made by whoever asks first, they cost 2 ms.
process.stdout.writable && process.stderr.writable;

const url = pathToFileURL(process.argv[2] ?? '').href;
const usage = process.cpuUsage();
const start = performance.now();
await import(url);
const ms = performance.now() - start;
const { user, system } = process.cpuUsage(usage);
process.stdout.write(JSON.stringify({ ms, cpu_ms: (user + system) / 1000 }));
