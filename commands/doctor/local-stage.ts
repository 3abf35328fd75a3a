import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { documentClient } from '../../lib/aws/dynamodb.ts';
import { lambda } from '../../lib/aws/invoke.ts';
import { readConfig } from '../../lib/platform/config.ts';
import { readSettings } from '../../local/settings.ts';
import { variableOf } from '../../local/tables.ts';
import type { Env } from '../command.ts';
import { addressOfThisComputer } from './our-address.ts';
import { failureCode, type Setup, StageUnreadable } from './setup.ts';
import { tablesOf } from './tables.ts';

const SERVICE = 'wechat-server-local';
const INVOCATION_MS = 11_000;

type StageOptions = { url: string | undefined; env: Env; fetch: typeof fetch; now: () => number };

/** The service that `npm start` runs on this computer, as `.env` describes it. @throws StageUnreadable if it does not run */
export async function localStage({ url, env: ownEnv, fetch, now }: StageOptions): Promise<Setup> {
  const settings = settingsOf(ownEnv);
  const env: Env = { ...ownEnv, ...settings.variables };
  const callback = `http://localhost:${settings.ports.http}/webhook`;
  await fetch(callback, { redirect: 'manual', signal: AbortSignal.timeout(INVOCATION_MS) }).catch((error: unknown) => {
    throw notRunning(`nothing responds at ${callback} (${failureCode(error)})`);
  });
  const { WECHAT_API_ORIGIN: origin = 'https://api.weixin.qq.com', DYNAMODB_ENDPOINT, LAMBDA_ENDPOINT } = env;
  return {
    stage: 'local',
    url: url ?? callback,
    env,
    refusalOf: async () => undefined,
    ourAddress: () => addressOfThisComputer(env, origin || 'https://api.weixin.qq.com', fetch),
    invoke: lambda({ LAMBDA_ENDPOINT }, INVOCATION_MS),
    accessTokenFunction: `${SERVICE}-access-token`,
    db: documentClient({ DYNAMODB_ENDPOINT }),
    tables: tablesOf((table) => env[variableOf(table)] ?? `${SERVICE}-${table}`),
    fetch,
    now,
  };
}

/** Reads the generated settings of `npm start`; generates none, since only `npm start` shows the password. */
function settingsOf(env: Env) {
  const { LOCAL_DATA_DIR: folder } = readable(() => readConfig(['LOCAL_DATA_DIR'], env));
  if (!existsSync(join(folder, 'secrets.json'))) throw notRunning(`it has never run here: ${folder} is empty`);
  return readable(() => readSettings(env));
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new StageUnreadable((error as Error).message, 'correct it in .env');
  }
}

const notRunning = (what: string): StageUnreadable =>
  new StageUnreadable(`npm start is not running: ${what}`, 'npm start, in another terminal');
