import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../lib/config.ts';
import { SIMULATED_ACCOUNT } from './wechat/account.ts';

/** Secrets made up for this laptop at the first start and kept in the data folder. */
type Kept = { session_secret: string; admin_password: string };

export type Settings = ReturnType<typeof readSettings>;

/**
 * Everything the local run is told by `.env` and the environment, or makes up. Without WECHAT_APP_ID the account is the
 * simulated one; the simulated WeChat runs unless a real account or another WECHAT_API_ORIGIN is given.
 */
export function readSettings(env: NodeJS.ProcessEnv = process.env) {
  const given = readConfig(['PORT', 'ADMIN_PASSWORD', 'LOCAL_DATA_DIR', 'DYNAMODB_ENDPOINT'], env);
  const { PORT: port, LOCAL_DATA_DIR: folder } = given;
  mkdirSync(folder, { recursive: true });
  const { kept, isNew } = keptIn(join(folder, 'secrets.json'));
  const isSimulated = !env.WECHAT_APP_ID && !env.WECHAT_API_ORIGIN;
  const ports = { http: port, wechat: port + 1, database: port + 2, lambda: port + 3 };
  return {
    folder,
    ports,
    isSimulated,
    ownDatabase: given.DYNAMODB_ENDPOINT === undefined,
    adminPassword: given.ADMIN_PASSWORD ?? kept.admin_password,
    showsPassword: given.ADMIN_PASSWORD === undefined && isNew,
    variables: {
      ...(isSimulated && {
        WECHAT_APP_ID: SIMULATED_ACCOUNT.appId,
        WECHAT_APP_SECRET: SIMULATED_ACCOUNT.appSecret,
        WECHAT_TOKEN: SIMULATED_ACCOUNT.token,
        WECHAT_ENCODING_AES_KEY: SIMULATED_ACCOUNT.encodingAesKey,
        WECHAT_API_ORIGIN: `http://127.0.0.1:${ports.wechat}`,
      }),
      ...(!env.SESSION_SECRET && { SESSION_SECRET: kept.session_secret }),
      DYNAMODB_ENDPOINT: given.DYNAMODB_ENDPOINT ?? `http://127.0.0.1:${ports.database}`,
      LAMBDA_ENDPOINT: `http://127.0.0.1:${ports.lambda}`,
    } satisfies Record<string, string>,
  };
}

function keptIn(file: string): { kept: Kept; isNew: boolean } {
  if (existsSync(file)) return { kept: JSON.parse(readFileSync(file, 'utf8')), isNew: false };
  const kept = {
    session_secret: randomBytes(48).toString('base64url'),
    admin_password: randomBytes(12).toString('base64url'),
  };
  writeFileSync(file, JSON.stringify(kept, null, 2), { mode: 0o600 });
  return { kept, isNew: true };
}
