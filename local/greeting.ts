import { BASE_PATH } from '../lib/http/endpoint.ts';
import type { Settings } from './settings.ts';

/** The text that `npm start` prints when it is ready: addresses, how to sign in, and a first message to send. */
export function greeting({ ports, folder, isSimulated, adminPassword, showsPassword, variables }: Settings): string {
  const here = `http://localhost:${ports.http}`;
  const password = showsPassword
    ? `${adminPassword}  (stored in ${folder}/secrets.json)`
    : `the one in ADMIN_PASSWORD or ${folder}/secrets.json`;
  return `
  WeChatServer is ready.

  Back office      ${here}${BASE_PATH}
  WeChat pushes to ${here}/webhook
  WeChat's API     ${isSimulated ? `${variables.WECHAT_API_ORIGIN}  (simulated)` : 'the real one'}
  DynamoDB         ${new URL(variables.DYNAMODB_ENDPOINT).origin}
  Data             ${folder}/

  Administrator    admin
  Password         ${password}

  Send a message as a follower, in another terminal:

    npm run follower -- "你好"

  Sign in:

    curl -X POST ${here}${BASE_PATH}/login -H 'Content-Type: application/json' \\
      -d '{"username":"admin","password":"…"}'

`;
}
