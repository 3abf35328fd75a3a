import { readConfig, type Variable } from '../../lib/platform/config.ts';
import type { Env } from '../command.ts';
import { type Finding, right, type Setup, toSet, wrong } from './setup.ts';

const SETTINGS = [
  'WECHAT_APP_ID',
  'WECHAT_MESSAGE_MODE',
  'WECHAT_API_ORIGIN',
  'WECHAT_TOKEN_ENDPOINT',
  'REGISTRATION',
  'INTERACTION_SHARDS',
  'INTERACTION_RETENTION_DAYS',
] as const satisfies readonly Variable[];

const SECRETS = [
  'WECHAT_APP_SECRET',
  'WECHAT_TOKEN',
  'WECHAT_ENCODING_AES_KEY',
  'WECHAT_PREVIOUS_ENCODING_AES_KEY',
  'SESSION_SECRET',
] as const satisfies readonly Variable[];

/** Checks that every setting but the secrets is present and well formed. */
export async function checkConfiguration(setup: Setup): Promise<Finding> {
  const fault = faultIn(SETTINGS, setup.env);
  if (fault !== undefined) return wrong(fault, mendSettings(setup));
  const { WECHAT_APP_ID, WECHAT_TOKEN_ENDPOINT, WECHAT_API_ORIGIN } = readConfig(SETTINGS, setup.env);
  if (!/^wx[0-9A-Za-z]{16}$/.test(WECHAT_APP_ID)) {
    return wrong('WECHAT_APP_ID is not wx and 16 characters', toSet(setup, 'the AppID of mp.weixin.qq.com'));
  }
  return right(`AppID ${WECHAT_APP_ID}, ${modeOf(setup.env)} mode, ${WECHAT_TOKEN_ENDPOINT} of ${WECHAT_API_ORIGIN}`);
}

/** Checks that every secret is present and well formed; none is printed. */
export async function checkSecrets(setup: Setup): Promise<Finding> {
  const fault = faultIn(SECRETS, setup.env);
  if (fault !== undefined) return wrong(fault, toSet(setup, 'it'));
  const mode = modeOf(setup.env);
  const hasKey = isSet(setup.env.WECHAT_ENCODING_AES_KEY);
  if (mode !== 'plain' && !hasKey) {
    return wrong(`${mode} mode has no WECHAT_ENCODING_AES_KEY`, toSet(setup, 'the EncodingAESKey of mp.weixin.qq.com'));
  }
  return right(`AppSecret, Token, ${hasKey ? 'EncodingAESKey, ' : ''}session secret`);
}

/** The webhook's mode: by default safe with an EncodingAESKey, else plain. */
function modeOf(env: Env): string {
  const otherwise = isSet(env.WECHAT_ENCODING_AES_KEY) ? 'safe' : 'plain';
  return env.WECHAT_MESSAGE_MODE?.trim() || otherwise;
}

const isSet = (value: string | undefined): boolean => (value ?? '').trim() !== '';

/** The configuration error, which names no value. */
function faultIn(names: readonly Variable[], env: Env): string | undefined {
  try {
    readConfig(names, env);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^Configuration: /, '');
  }
}

const mendSettings = ({ stage }: Setup): string =>
  stage === 'local'
    ? 'correct it in .env and start npm start again'
    : `correct the --param or the params of serverless.yml, then npx serverless deploy --stage ${stage}`;
