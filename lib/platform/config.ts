import { AppError } from './error.ts';

/**
 * All environment variables of the service. A function names those it needs; only these are read.
 * `docs/configuration.md` is checked against this list.
 */

type Read<T> = (value: string | undefined) => T;

const invalid = (problem: string): AppError => new AppError('INVALID_VARIABLE', problem);

const required: Read<string> = (value) => {
  if (value === undefined) throw invalid('is not set');
  return value;
};

const optional =
  <T>(read: Read<T>): Read<T | undefined> =>
  (value) =>
    value === undefined ? undefined : read(value);

const defaulting =
  <T>(otherwise: T, read: Read<T>): Read<T> =>
  (value) =>
    value === undefined ? otherwise : read(value);

const oneOf =
  <const T extends string>(...allowed: T[]): Read<T> =>
  (value) => {
    const found = allowed.find((name) => name === value);
    if (found === undefined) throw invalid(`must be one of ${allowed.join(', ')}`);
    return found;
  };

const matching =
  (pattern: RegExp, rule: string): Read<string> =>
  (value) => {
    if (value === undefined || !pattern.test(value)) throw invalid(value === undefined ? 'is not set' : rule);
    return value;
  };

const integer =
  (lowest: number, highest: number): Read<number> =>
  (value) => {
    const number = /^\d{1,9}$/.test(value ?? '') ? Number(value) : Number.NaN;
    if (!(number >= lowest && number <= highest)) throw invalid(`must be a whole number ${lowest}–${highest}`);
    return number;
  };

const origin: Read<string> = (value) => {
  if (!URL.canParse(value ?? '')) throw invalid('must be an origin such as https://api.weixin.qq.com');
  return new URL(value ?? '').origin;
};

/** An origin, optionally with an access key before an @. */
const endpoint: Read<string> = (value) => {
  if (!URL.canParse(value ?? '')) throw invalid('must be an origin such as http://localhost:8000');
  const { protocol, username, host } = new URL(value ?? '');
  return `${protocol}//${username && `${username}@`}${host}`;
};

const secret: Read<string> = (value) => {
  if (value === undefined || Buffer.byteLength(value) < 32) throw invalid('must be at least 32 bytes');
  return value;
};

const encodingAesKey = matching(/^[A-Za-z0-9+/]{43}$/, 'must be the 43 characters from mp.weixin.qq.com');

export const VARIABLES = {
  WECHAT_APP_ID: required,
  WECHAT_APP_SECRET: required,
  WECHAT_TOKEN: matching(/^[A-Za-z0-9]{3,32}$/, 'must be 3–32 letters and digits'),
  WECHAT_ENCODING_AES_KEY: optional(encodingAesKey),
  WECHAT_PREVIOUS_ENCODING_AES_KEY: optional(encodingAesKey),
  WECHAT_MESSAGE_MODE: optional(oneOf('plain', 'compatible', 'safe')),
  WECHAT_API_ORIGIN: defaulting('https://api.weixin.qq.com', origin),
  WECHAT_TOKEN_ENDPOINT: defaulting('stable_token', oneOf('stable_token', 'token')),
  WELCOME_TEXT: optional(required),
  WAITING_TEXT: defaulting('还在想，请稍候再点：', required),
  WECHAT_DISTANCE_MS: defaulting(500, integer(0, 3_000)),
  SLOW_IN_FLIGHT: defaulting(100, integer(1, 1_000)),
  STAGE: defaulting('dev', required),
  SESSION_SECRET: secret,
  PREVIOUS_SESSION_SECRET: optional(secret),
  RECOVERY_KEY: optional(secret),
  PREVIOUS_RECOVERY_KEY: optional(secret),
  PSEUDONYM_KEY: optional(secret),
  PREVIOUS_PSEUDONYM_KEY: optional(secret),
  REGISTRATION: defaulting('closed', oneOf('open', 'closed')),
  INTERACTION_RETENTION_DAYS: optional(integer(1, 36500)),
  INTERACTION_SHARDS: defaulting(2, integer(1, 99)),
  INTERACTIONS_TABLE: required,
  OPERATORS_TABLE: required,
  CREDENTIALS_TABLE: required,
  REPLY_RULES_TABLE: required,
  PENDING_TABLE: required,
  INSIGHTS_TABLE: required,
  AUDIT_TABLE: required,
  ERASURES_TABLE: required,
  ACCESS_TOKEN_FUNCTION: required,
  SLOW_REPLIES_FUNCTION: required,
  METRICS_NAMESPACE: defaulting('wechat-server', required),
  DYNAMODB_ENDPOINT: optional(endpoint),
  LAMBDA_ENDPOINT: optional(endpoint),
  PUBLIC_HOST: optional(matching(/^[A-Za-z0-9.-]+$/, 'must be the name of a host such as abc.example.com')),
  PORT: defaulting(3000, integer(1, 65000)),
  ADMIN_PASSWORD: optional(required),
  LOCAL_DATA_DIR: defaulting('.local', required),
} satisfies Record<string, Read<unknown>>;

export type Variable = keyof typeof VARIABLES;
export type Config<N extends Variable> = { readonly [V in N]: ReturnType<(typeof VARIABLES)[V]> };

/** True for a reference that CloudFormation replaces on deployment; serverless-offline passes it unchanged. */
const isUnresolved = (value: string) => value.startsWith('{{resolve:') || value === '[object Object]';

/**
 * Reads the named variables. An empty value counts as not set.
 * @throws AppError INVALID_CONFIGURATION naming every variable that is missing or malformed; never its value
 */
export function readConfig<const N extends Variable>(names: readonly N[], env = process.env): Config<N> {
  const problems: string[] = [];
  const entries = names.map((name) => {
    const value = env[name]?.trim() || undefined;
    try {
      if (value !== undefined && isUnresolved(value)) throw invalid('is a reference that was not resolved');
      return [name, VARIABLES[name](value)];
    } catch (error) {
      problems.push(`${name} ${(error as Error).message}`);
      return [name, undefined];
    }
  });
  if (problems.length > 0) throw new AppError('INVALID_CONFIGURATION', `Configuration: ${problems.join('; ')}`);
  return Object.freeze(Object.fromEntries(entries)) as Config<N>;
}
