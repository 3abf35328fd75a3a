import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { VARIABLES } from '../../lib/platform/config.ts';

/** Of another language's terminal, of a faster one, of colours: what must not decide what a test sees. */
const PLAIN = { NO_COLOR: '1', FORCE_COLOR: '0', NODE_NO_WARNINGS: '1', npm_config_update_notifier: 'false' };

/** What the local run listens on: its own port and the three after it. */
const PORTS = 4;

export type Started = {
  /** Everything it has printed. */
  readonly output: () => string;
  /** Ctrl-C. Answers the milliseconds until it was gone. */
  readonly interrupt: () => Promise<number>;
};

/**
 * The variables with which a user starts and calls the service: none of the tests' own, and none of a `.env` of the
 * developer's (an empty one is not replaced by it, and counts as not set).
 */
export function environmentOfAUser(port: number, folder: string): NodeJS.ProcessEnv {
  const named = Object.keys(VARIABLES).filter((name) => !/_(TABLE|FUNCTION)$/.test(name));
  const { PATH, HOME } = process.env;
  const none = Object.fromEntries([...named, 'HTTPS_PROXY'].map((name) => [name, '']));
  return { PATH, HOME, ...PLAIN, ...none, PORT: String(port), LOCAL_DATA_DIR: folder };
}

/** `npm start`, ready. */
export async function startAsAUser(port: number, folder: string): Promise<Started> {
  const service = spawn('npm', ['start'], { env: environmentOfAUser(port, folder), detached: true });
  process.once('exit', () => kill(service, 'SIGKILL'));
  const said: string[] = [];
  for (const stream of [service.stdout, service.stderr]) stream.on('data', (chunk) => said.push(String(chunk)));
  const output = () => said.join('');
  while (!output().includes('Sign in:')) {
    if (service.exitCode !== null) throw new Error(`npm start ended:\n${output()}`);
    await sleep(100);
  }
  return { output, interrupt: () => interrupt(service) };
}

async function interrupt(service: ChildProcess): Promise<number> {
  const start = Date.now();
  const gone = once(service, 'exit');
  if (!kill(service, 'SIGINT')) return 0;
  await gone;
  return Date.now() - start;
}

/** As a terminal does it: npm and all that it has started. False if it is gone already. */
function kill({ pid = 0, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): boolean {
  return pid !== 0 && exitCode === null && signalCode === null && process.kill(-pid, signal);
}

/** Ends what is left of it, whatever happened, and what it has built. */
export async function tidyUp(port: number, folder: string, started: Started | undefined): Promise<void> {
  await started?.interrupt();
  await Promise.all([folder, `.esbuild/local-${port}`].map((path) => rm(path, { recursive: true, force: true })));
}

/** The first of four ports in a row that nobody listens on. */
export async function freePorts(): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 30_000);
    const free = await Promise.all(Array.from({ length: PORTS }, (_, at) => isFree(first + at)));
    if (free.every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((answer) => {
    server.once('error', () => answer(false));
    server.listen(port, () => server.close(() => answer(true)));
  });
}
