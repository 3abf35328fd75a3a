import { LOGIN } from '../../lib/contract/login.ts';
import { type BackOffice, backOffice } from '../../lib/http/back-office.ts';
import { endpoint, routesOf } from '../../lib/http/endpoint.ts';
import { hashing } from '../../lib/operators/passwords.ts';
import { readConfig } from '../../lib/platform/config.ts';
import { attemptsTable } from '../../lib/tables/attempts.ts';
import { forgetCookies, setCookies } from './cookies.ts';
import { changePassword, type SignInPorts, signIn } from './sign-in.ts';

const route = routesOf(LOGIN);

export const login = (ports: SignInPorts) => [
  route('POST /login', 'public', async (credentials, request) =>
    setCookies(request.http, await signIn(ports, credentials, request)),
  ),
  route('GET /login', 'session', (_, { operator }) => ({ operator })),
  route('DELETE /login', 'session', async (_, { operator, http }) => {
    await ports.operators.endSessions(operator.username);
    forgetCookies(http);
    return { errcode: 0, errmsg: 'ok' } as const;
  }),
  route('PUT /login/password', 'session', async (passwords, request) =>
    setCookies(request.http, await changePassword(ports, passwords, request)),
  ),
];

/** The login function on a back office; tests bring their clock with it, and a password hash that is quick. */
export function loginFor(office: BackOffice, passwords = hashing()) {
  const { OPERATORS_TABLE } = readConfig(['OPERATORS_TABLE']);
  return endpoint(login({ ...office, passwords, attempts: attemptsTable(office.db, OPERATORS_TABLE) }), office);
}

export const handler = loginFor(backOffice());
