import * as v from 'valibot';
import { OPERATORS, username } from '../../lib/contract/operators.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, type Route, routesOf } from '../../lib/http/endpoint.ts';
import { badParameter, HttpError, tooManyAttempts } from '../../lib/http/error.ts';
import { hashing } from '../../lib/operators/passwords.ts';
import { readConfig } from '../../lib/platform/config.ts';
import { readCursor, writeCursor } from '../../lib/platform/cursor.ts';
import { type AttemptsTable, attemptsTable } from '../../lib/tables/attempts.ts';
import { type Accounts, accounts } from './accounts.ts';
import { grantableBy } from './authority.ts';

const route = routesOf(OPERATORS);

type Ports = {
  readonly accounts: Accounts;
  readonly attempts: AttemptsTable;
  readonly registration: 'open' | 'closed';
};

export const operators = ({ accounts, attempts, registration }: Ports) => [
  onlyIf(
    registration === 'open',
    route('POST /operators/register', 'public', async (wanted, request) => {
      const attempt = await attempts.takeRegistration(request.address, request.now);
      if (!attempt.isAllowed) throw tooManyAttempts(attempt.retryAfterSeconds);
      const operator = await accounts.register(wanted, request.now);
      request.auditContext.operator = operator.username;
      return { operator };
    }),
  ),
  route('GET /operators', 'operators:manage', async ({ limit, cursor }, { operator }) => {
    const { accounts: found, after } = await accounts.page(limit, cursor && readCursor(username, cursor));
    return { operators: found, permissions: grantableBy(operator), ...(after && { next_cursor: writeCursor(after) }) };
  }),
  route(
    'POST /operators',
    'operators:manage',
    async (wanted, { operator, now }) => ({ operator: await accounts.create(operator, wanted, now) }),
    ({ username }) => username,
  ),
  route('GET /operators/{username}', 'operators:manage', async (_, { params }) => ({
    operator: await accounts.one(named(params)),
  })),
  route('PATCH /operators/{username}', 'operators:manage', async (change, { operator, params, auditContext }) => {
    const { username = params.username, created_at, must_change_password, disabled_by, ...wanted } = change;
    if (username !== params.username) throw badParameter('username', 'must be equal to that in the path');
    auditContext.fields = Object.keys(wanted);
    return { operator: await accounts.change(operator, named(params), wanted) };
  }),
  route('DELETE /operators/{username}', 'operators:manage', async (_, { operator, params }) => {
    await accounts.remove(operator, named(params));
    return { errcode: 0, errmsg: 'ok' } as const;
  }),
];

/** The route if it is open; else it is refused before any input is read. */
function onlyIf(isOpen: boolean, register: Route): Route {
  const detail = 'registration is closed: ask an administrator for an account';
  const closed = () => Promise.reject(new HttpError(403, 'not permitted', { detail }));
  return isOpen ? register : { ...register, respond: closed };
}

/** The username in the path. A malformed one cannot exist, so it is 404, not 400. */
function named(params: Readonly<Record<string, string>>): string {
  if (v.is(username, params.username)) return params.username;
  throw new HttpError(404, 'no such operator');
}

const office = backOffice();
const { REGISTRATION: registration, OPERATORS_TABLE } = readConfig(['REGISTRATION', 'OPERATORS_TABLE']);

export const handler = endpoint(
  operators({
    accounts: accounts({ ...office, passwords: hashing() }),
    attempts: attemptsTable(office.db, OPERATORS_TABLE),
    registration,
  }),
  office,
);
