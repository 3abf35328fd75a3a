import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Prompts for a secret without echo. Returns '' if stdin is not a terminal. */
export async function askHidden(question: string): Promise<string> {
  if (!process.stdin.isTTY) return '';
  process.stdout.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const typing = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  typing.once('SIGINT', () => process.exit(130));
  try {
    return await typing.question('');
  } finally {
    typing.close();
    process.stdout.write('\n');
  }
}
