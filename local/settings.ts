import { readConfig } from '../lib/platform/config.ts';
import { ensureSecrets, readSecrets, type StoredSecrets } from './secrets.ts';
import { SIMULATED_ACCOUNT } from './simulator/account.ts';

export type Settings = ReturnType<typeof readSettings>;

/**
 * The settings of the local run, from `.env`, the environment or generated. Without WECHAT_APP_ID the account is the
 * simulated one; the simulated WeChat runs unless a real account or another WECHAT_API_ORIGIN is set.
 */
export function readSettings(env: NodeJS.ProcessEnv = process.env) {
  const config = readConfig(['PORT', 'PUBLIC_HOST', 'ADMIN_PASSWORD', 'LOCAL_DATA_DIR', 'DYNAMODB_ENDPOINT'], env);
  const { PORT: port, LOCAL_DATA_DIR: folder } = config;
  const { secrets, isNew } = ensureSecrets(folder);
  const isSimulated = !env.WECHAT_APP_ID && !env.WECHAT_API_ORIGIN;
  const ports = { http: port, wechat: port + 1, database: port + 2, lambda: port + 3 };
  return {
    folder,
    ports,
    publicHost: config.PUBLIC_HOST,
    accessKey: secrets.access_key,
    isSimulated,
    ownDatabase: config.DYNAMODB_ENDPOINT === undefined,
    adminPassword: config.ADMIN_PASSWORD ?? secrets.admin_password,
    showsPassword: config.ADMIN_PASSWORD === undefined && isNew,
    variables: {
      ...(isSimulated && {
        WECHAT_APP_ID: SIMULATED_ACCOUNT.appId,
        WECHAT_APP_SECRET: SIMULATED_ACCOUNT.appSecret,
        WECHAT_TOKEN: SIMULATED_ACCOUNT.token,
        WECHAT_ENCODING_AES_KEY: SIMULATED_ACCOUNT.encodingAesKey,
        WECHAT_API_ORIGIN: `http://127.0.0.1:${ports.wechat}`,
      }),
      ...(!env.SESSION_SECRET && { SESSION_SECRET: secrets.session_secret }),
      ...(!env.PSEUDONYM_KEY && { PSEUDONYM_KEY: secrets.pseudonym_key }),
      DYNAMODB_ENDPOINT: config.DYNAMODB_ENDPOINT ?? internal(secrets.access_key, ports.database),
      LAMBDA_ENDPOINT: internal(secrets.access_key, ports.lambda),
    } satisfies Record<string, string>,
  };
}

/** The URL of an internal port, with its access key. */
const internal = (accessKey: string, port: number): string => `http://${accessKey}@127.0.0.1:${port}`;

/**
 * The database of a running `npm start`.
 * @throws Error if it has never run in this data folder
 */
export function localDatabase(env: Record<string, string | undefined>): string {
  const names = ['PORT', 'LOCAL_DATA_DIR', 'DYNAMODB_ENDPOINT'] as const;
  const { PORT, LOCAL_DATA_DIR: folder, DYNAMODB_ENDPOINT } = readConfig(names, env);
  return DYNAMODB_ENDPOINT ?? internal(storedSecret(folder, 'access_key'), PORT + 2);
}

/**
 * The key under which a running `npm start` makes pseudonyms.
 * @throws Error if it has never run in this data folder
 */
export function localPseudonymKey(env: Record<string, string | undefined>): string {
  return env.PSEUDONYM_KEY || storedSecret(readConfig(['LOCAL_DATA_DIR'], env).LOCAL_DATA_DIR, 'pseudonym_key');
}

function storedSecret(folder: string, name: keyof StoredSecrets): string {
  const secret = readSecrets(folder)?.[name];
  if (secret === undefined)
    throw new Error(`npm start has never run here: there is no ${name} in ${folder}/secrets.json`);
  return secret;
}
