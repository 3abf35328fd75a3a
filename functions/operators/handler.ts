import * as v from 'valibot';
import { hashing } from '../../lib/auth/passwords.ts';
import { PERMISSIONS, type Permission } from '../../lib/auth/permissions.ts';
import { readConfig } from '../../lib/config.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, route } from '../../lib/http/endpoint.ts';
import { HttpError, tooManyAttempts } from '../../lib/http/error.ts';
import { type Input, json, nothing, query } from '../../lib/http/input.ts';
import { limit } from '../../lib/http/paging.ts';
import { type AttemptsTable, attemptsTable } from '../../lib/tables/attempts.ts';
import { type Accounts, accounts } from './accounts.ts';
import { grantableBy } from './authority.ts';

const NAMES = Object.keys(PERMISSIONS) as Permission[];

const username = v.pipe(
  v.string('must be text'),
  v.regex(/^[a-z0-9._-]{3,32}$/, 'must be 3–32 characters of a–z, 0–9, ".", "_" and "-"'),
);
const password = v.string('must be text');
const display_name = v.pipe(
  v.string('must be text'),
  v.trim(),
  v.nonEmpty('must not be empty'),
  v.maxLength(64, 'must be at most 64 characters'),
);
const flag = v.boolean('must be true or false');
const permissions = v.pipe(
  v.array(v.picklist(NAMES, 'must be the name of a permission'), 'must be a list of permissions'),
  v.transform((held) => NAMES.filter((name) => held.includes(name))),
);

const Registration = v.strictObject({ username, password, display_name: v.optional(display_name) });
const NewOperator = v.strictObject({
  username,
  password,
  display_name: v.optional(display_name),
  permissions: v.optional(permissions),
  administrator: v.optional(flag),
});
const Change = v.strictObject({
  display_name: v.optional(display_name),
  permissions: v.optional(permissions),
  disabled: v.optional(flag),
  password: v.optional(password),
  administrator: v.optional(flag),
});

/** Opaque to callers: the last username of the page before. */
const cursor = v.pipe(
  v.string(),
  v.transform((text) => Buffer.from(text, 'base64url').toString()),
  v.regex(/^[a-z0-9._-]{3,32}$/, 'is not one of ours'),
);
const Page = v.strictObject({ limit, cursor: v.optional(cursor) });

type Ports = {
  readonly accounts: Accounts;
  readonly attempts: AttemptsTable;
  readonly registration: 'open' | 'closed';
};

export const operators = ({ accounts, attempts, registration }: Ports) => [
  route('POST /operators/register', 'public', whenOpen(registration, json(Registration)), async (wanted, request) => {
    const attempt = await attempts.takeRegistration(request.address, request.now);
    if (!attempt.isAllowed) throw tooManyAttempts(attempt.retryAfterSeconds);
    const operator = await accounts.register(wanted, request.now);
    request.note.operator = operator.username;
    return { operator };
  }),
  route('GET /operators', 'operators:manage', query(Page), async ({ limit, cursor }, { operator }) => {
    const { accounts: found, after } = await accounts.page(limit, cursor);
    return { operators: found, permissions: grantableBy(operator), ...(after && { next_cursor: written(after) }) };
  }),
  route(
    'POST /operators',
    'operators:manage',
    json(NewOperator),
    async (wanted, { operator, now }) => ({ operator: await accounts.create(operator, wanted, now) }),
    ({ username }) => username,
  ),
  route('GET /operators/{username}', 'operators:manage', nothing, async (_, { params }) => ({
    operator: await accounts.one(named(params)),
  })),
  route('PATCH /operators/{username}', 'operators:manage', json(Change), async (wanted, { operator, params }) => ({
    operator: await accounts.change(operator, named(params), wanted),
  })),
  route('DELETE /operators/{username}', 'operators:manage', nothing, async (_, { operator, params }) => {
    await accounts.remove(operator, named(params));
    return { errcode: 0, errmsg: 'ok' };
  }),
];

/** Closed to everybody before anything of theirs is read. */
function whenOpen<T>(registration: Ports['registration'], input: Input<T>): Input<T> {
  if (registration === 'open') return input;
  const detail = 'registration is closed: ask an administrator for an account';
  return { read: () => Promise.reject(new HttpError(403, 'not permitted', { detail })) };
}

/** Whoever has another kind of name is nobody. */
function named(params: Readonly<Record<string, string>>): string {
  if (v.is(username, params.username)) return params.username;
  throw new HttpError(404, 'no such operator');
}

const written = (after: string): string => Buffer.from(after).toString('base64url');

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
