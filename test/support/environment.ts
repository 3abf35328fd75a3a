import { randomBytes } from 'node:crypto';
import { tableDefinitions, variableOf } from '../../local/tables.ts';

/** The variables of a deployed function, set before each test file; table names are the file's own. */
const unique = randomBytes(6).toString('hex');

for (const table of Object.keys(tableDefinitions())) process.env[variableOf(table)] = `${table}-${unique}`;

Object.assign(process.env, {
  AWS_REGION: 'local',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  WECHAT_APP_ID: 'wx0123456789abcdef',
  WECHAT_APP_SECRET: '0123456789abcdef0123456789abcdef',
  WECHAT_TOKEN: 'PawTok3n2026',
  WECHAT_ENCODING_AES_KEY: 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA',
  SESSION_SECRET: 'a secret of the tests, far longer than 32 bytes',
  PSEUDONYM_KEY: 'a pseudonym key of the tests, of 40 bytes',
  ACCESS_TOKEN_FUNCTION: 'access-token',
  SLOW_REPLIES_FUNCTION: 'slow-replies',
});
