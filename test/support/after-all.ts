import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { CANARY } from './canary.ts';

/** What no log line may hold, whatever the tests made the service do. */
const FORBIDDEN: Record<string, RegExp> = {
  "the account's secrets": /0123456789abcdef0123456789abcdef|PawTok3n2026|AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA/,
  'the session secret': /a secret of the tests/,
  'a session token': /eyJ[\w-]{10,}\.eyJ/,
  'a password hash': /scrypt\$/,
  'a query string': /[?&](signature|access_token|secret|msg_signature)=/,
  'text of a message or a password': new RegExp(CANARY),
};

export default async function afterAllTests(): Promise<void> {
  const { database } = globalThis as { database?: Server };
  if (database) await closed(database);
  const lines = readFileSync(process.env.TEST_LOG ?? '', 'utf8').split('\n');
  for (const [what, pattern] of Object.entries(FORBIDDEN)) {
    const found = lines.find((line) => pattern.test(line));
    if (found !== undefined) throw new Error(`The log holds ${what}: ${found}`);
  }
}

const closed = (server: Server): Promise<unknown> =>
  new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  });
