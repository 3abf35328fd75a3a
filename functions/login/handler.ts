import * as v from 'valibot';
import { hashing } from '../../lib/auth/passwords.ts';
import { readConfig } from '../../lib/config.ts';
import { type BackOffice, backOffice } from '../../lib/http/back-office.ts';
import { endpoint, route } from '../../lib/http/endpoint.ts';
import { json, nothing } from '../../lib/http/input.ts';
import { attemptsTable } from '../../lib/tables/attempts.ts';
import { forgetCookies, setCookies } from './cookies.ts';
import { type Desk, signingIn } from './sign-in.ts';

const username = v.pipe(
  v.string('must be text'),
  v.trim(),
  v.toLowerCase(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(64, 'must have at most 64 characters'),
);
const password = v.pipe(
  v.string('must be text'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(1_000, 'must have at most 1,000 characters'),
);
const Credentials = v.strictObject({ username, password });
const NewPassword = v.strictObject({ password, new_password: password });

export const login = (desk: Desk) => {
  const { signIn, changePassword } = signingIn(desk);
  return [
    route('POST /login', 'public', json(Credentials), async (credentials, request) =>
      setCookies(request.http, await signIn(credentials, request)),
    ),
    route('GET /login', 'session', nothing, (_, { operator }) => ({ operator })),
    route('DELETE /login', 'session', nothing, async (_, { operator, http }) => {
      await desk.operators.endSessions(operator.username);
      forgetCookies(http);
      return { errcode: 0, errmsg: 'ok' };
    }),
    route('PUT /login/password', 'session', json(NewPassword), async (passwords, request) =>
      setCookies(request.http, await changePassword(passwords, request)),
    ),
  ];
};

/** The login function on a back office; tests bring their clock with it, and a password hash that is quick. */
export function loginFor(office: BackOffice, passwords = hashing()) {
  const { OPERATORS_TABLE } = readConfig(['OPERATORS_TABLE']);
  return endpoint(login({ ...office, passwords, attempts: attemptsTable(office.db, OPERATORS_TABLE) }), office);
}

export const handler = loginFor(backOffice());
