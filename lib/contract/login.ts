import * as v from 'valibot';
import type { Contracts } from './contract.ts';
import { Done } from './failures.ts';
import { Operator } from './operators.ts';

const username = v.pipe(
  v.string('must be a string'),
  v.trim(),
  v.toLowerCase(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(64, 'must have at most 64 characters'),
);
const password = v.pipe(
  v.string('must be a string'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(1_000, 'must have at most 1,000 characters'),
);

/** The token, for the seconds of `expires_in`. */
const SignedIn = v.strictObject({ token: v.string(), expires_in: v.number(), operator: Operator });

export const LOGIN = {
  'POST /login': { json: v.strictObject({ username, password }), response: SignedIn },
  'GET /login': { response: v.strictObject({ operator: Operator }) },
  'DELETE /login': { response: Done },
  'PUT /login/password': { json: v.strictObject({ password, new_password: password }), response: SignedIn },
} as const satisfies Contracts;
