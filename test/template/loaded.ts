import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { VARIABLES } from '../../lib/platform/config.ts';

export type Loaded = { read: string[]; routes?: { key: string; access: string }[] };

/** The one secret that a deployment needs, with what mp.weixin.qq.com would show. */
const ACCOUNT_SECRET: Record<string, string> = {
  app_id: 'wx0123456789abcdef',
  app_secret: '0123456789abcdef0123456789abcdef',
  token: 'PawTok3n2026',
  encoding_aes_key: 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA',
};

const LOAD = `
  const read = new Set();
  process.env = new Proxy(process.env, { get: (env, name) => { read.add(name); return env[name]; } });
  const { handler } = await import(process.argv[1]).catch(({ message }) => {
    process.stderr.write(message);
    process.exit(1);
  });
  const routes = handler.routes?.map(({ key, access }) => ({ key, access }));
  process.stdout.write(JSON.stringify({ read: [...read].filter((name) => typeof name === 'string'), routes }));
  process.exit();
`;

/** Loads a bundle as Lambda does, with its variables from the template and no other, and tells what it is and reads. */
export async function load(
  files: Readonly<Record<string, Uint8Array>>,
  variables: Record<string, unknown>,
): Promise<Loaded> {
  const folder = mkdtempSync(join(tmpdir(), 'wechat-server-bundle-'));
  for (const [path, content] of Object.entries(files)) writeFileSync(join(folder, basename(path)), content);
  const file = join(folder, 'handler.mjs');
  const env = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, deployed(value)]));
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', LOAD, file], { env });
  rmSync(folder, { recursive: true });
  const { read, routes }: Loaded = JSON.parse(stdout);
  return { read: read.filter((name) => Object.hasOwn(VARIABLES, name)).sort(), ...(routes && { routes }) };
}

/** What CloudFormation makes of a variable's value. */
function deployed(value: unknown): string {
  const { 'Fn::Sub': generated } = Object(value) as { 'Fn::Sub'?: string };
  if (
    /^\{\{resolve:secretsmanager:\$\{(SessionSecret|RecoveryKey|PseudonymKey)\}:SecretString(:::|::AWSPREVIOUS)\}\}$/.test(
      generated ?? '',
    )
  )
    return 'g'.repeat(64);
  return String(value).replace(REFERENCE, (_, key: string) => {
    const secret = ACCOUNT_SECRET[key];
    if (secret === undefined) throw new Error(`The documented secret has no ${key}`);
    return secret;
  });
}

const REFERENCE = /^\{\{resolve:secretsmanager:wechat-server\/\w+\/wechat:SecretString:(\w+)::\}\}$/;
