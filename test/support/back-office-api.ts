import { BASE_PATH, type Endpoint } from '../../lib/http/endpoint.ts';
import { signedIn, startAccount } from './account.ts';
import { call } from './events.ts';
import { makeTables } from './tables.ts';

type Sent = NonNullable<Parameters<typeof call>[2]>;
type Query = Exclude<Sent['query'], undefined>;

/**
 * A function of the back office as deployed, with its tables, a simulated WeChat and an administrator who is signed in.
 * Call it at the top of a test file: it is there before the tests and stops after them. Paths are without the base path.
 */
export function backOfficeApi(name: string) {
  let account: Awaited<ReturnType<typeof startAccount>>;
  let handler: Endpoint;
  let token: string;

  beforeAll(async () => {
    await makeTables();
    account = await startAccount();
    handler = await account.handler(name);
    token = await signedIn();
  });
  afterAll(() => account.stop());

  /** The whole response to a request such as `GET /cgi-bin/tags`, by the administrator unless `sent` has another token. */
  const response = (request: string, sent: Sent = {}) =>
    call(handler, request.replace(' ', ` ${BASE_PATH}`), { token, ...sent });

  const send = async (request: string, sent?: Sent) => {
    const { status, json } = await response(request, sent);
    return { status, json };
  };

  return {
    response,
    /** The status and the JSON of a response. */
    send,
    get: (path: string, query: Query = '') => send(`GET ${path}`, { query }),
    post: (path: string, body?: unknown) => send(`POST ${path}`, { body }),
    put: (path: string, body?: unknown) => send(`PUT ${path}`, { body }),
    delete: (path: string, body?: unknown) => send(`DELETE ${path}`, { body }),
    get token() {
      return token;
    },
    get handler() {
      return handler;
    },
    /** The simulated WeChat and what Lambda was asked for. */
    get account() {
      return account;
    },
  };
}
