import * as v from 'valibot';
import { PERMISSIONS, type Permission } from '../operators/permissions.ts';
import type { Contracts } from './contract.ts';
import { Done } from './failures.ts';
import { returned, time } from './fields.ts';
import { limit } from './paging.ts';

const NAMES = Object.keys(PERMISSIONS) as Permission[];

export const username = v.pipe(
  v.string('must be a string'),
  v.regex(/^[a-z0-9._-]{3,32}$/, 'must be 3–32 characters of a–z, 0–9, ".", "_" and "-"'),
);
const password = v.string('must be a string');
const display_name = v.pipe(
  v.string('must be a string'),
  v.trim(),
  v.nonEmpty('must not be empty'),
  v.maxLength(64, 'must be at most 64 characters'),
);
const flag = v.boolean('must be true or false');
const permissions = v.pipe(
  v.array(v.picklist(NAMES, 'must be the name of a permission'), 'must be a list of permissions'),
  v.transform((held) => NAMES.filter((name) => held.includes(name))),
);

/** An account of the back office, as its holder sees it. */
export const Operator = v.strictObject({
  username: v.string(),
  display_name: v.string(),
  administrator: v.boolean(),
  permissions: v.array(v.picklist(NAMES)),
  must_change_password: v.boolean(),
});

export const Account = v.strictObject({
  ...Operator.entries,
  disabled: v.boolean(),
  disabled_by: v.exactOptional(v.strictObject({ username: v.string(), administrator: v.boolean() })),
  created_at: time,
});
const One = v.strictObject({ operator: Account });

export const OPERATORS = {
  'POST /operators/register': {
    json: v.strictObject({ username, password, display_name: v.optional(display_name) }),
    response: One,
  },
  'GET /operators': {
    query: v.strictObject({ limit, cursor: v.optional(v.string()) }),
    response: v.strictObject({
      operators: v.array(Account),
      permissions: v.array(
        v.strictObject({ name: v.picklist(NAMES), description: v.string(), grantable: v.boolean() }),
      ),
      next_cursor: v.optional(v.string()),
    }),
  },
  'POST /operators': {
    json: v.strictObject({
      username,
      password,
      display_name: v.optional(display_name),
      permissions: v.optional(permissions),
      administrator: v.optional(flag),
    }),
    response: One,
  },
  'GET /operators/{username}': { response: One },
  'PATCH /operators/{username}': {
    json: v.strictObject({
      display_name: v.optional(display_name),
      permissions: v.optional(permissions),
      disabled: v.optional(flag),
      password: v.optional(password),
      administrator: v.optional(flag),
      username: returned,
      must_change_password: returned,
      disabled_by: returned,
      created_at: returned,
    }),
    response: One,
  },
  'DELETE /operators/{username}': { response: Done },
} as const satisfies Contracts;
