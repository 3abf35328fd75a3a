import { appendFileSync } from 'node:fs';

/** The service's log goes to a file that is searched for secrets when all tests have run (`after-all.ts`). */
const write = (line: string): boolean => {
  appendFileSync(process.env.TEST_LOG ?? '/dev/null', line);
  return true;
};
Object.defineProperty(process, 'stdout', { value: { write } });
