/** Run by itself in a fresh process: `node load-once.js <file>` prints the milliseconds that importing the file took. */
import { pathToFileURL } from 'node:url';

const url = pathToFileURL(process.argv[2] ?? '').href;
const start = performance.now();
await import(url);
process.stdout.write(String(performance.now() - start));
