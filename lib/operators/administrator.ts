import { randomBytes } from 'node:crypto';
import type { Found, OperatorsTable } from '../tables/operators.ts';
import { checkNewPassword, hashing, type Passwords } from './passwords.ts';
import { firstSession } from './sessions.ts';

type Wanted = { readonly username: string; readonly password: string };

/**
 * Creates the operator, or changes it to an enabled administrator with this password. Idempotent: with the same password
 * the operator stays signed in.
 * @throws Error for an invalid username or password
 */
export async function createAdministrator(
  operators: OperatorsTable,
  { username, password }: Wanted,
  { passwords = hashing(), now = Date.now }: { passwords?: Passwords; now?: () => number } = {},
): Promise<void> {
  if (!/^[a-z0-9._-]{3,32}$/.test(username)) throw new Error('The username must be 3–32 of a-z 0-9 . _ -');
  const checked = checkNewPassword(password, username);
  if (!checked.ok) throw new Error(`The password ${checked.message}`);
  const found = await operators.withPassword(username);
  const isWritten = found
    ? await renew(operators, found, password, passwords)
    : await operators.create({
        username,
        display_name: username,
        password: await passwords.hash(password),
        password_chosen_by: username,
        permissions: [],
        disabled: false,
        session: firstSession(),
        created_at: new Date(now()).toISOString(),
      });
  if (!isWritten || !(await promote(operators, username))) {
    throw new Error(`${username} was changed at the same time; try again`);
  }
}

/** Makes an administrator, unless another operator has set a password since. */
async function promote(operators: OperatorsTable, username: string): Promise<boolean> {
  const { operator, administrator } = (await operators.byUsername(username)) ?? {};
  if (operator?.password_chosen_by !== username) return false;
  return administrator || operators.makeAdministrator(username, { session: operator.session });
}

/** Sets the password, as the operator's own choice, and enables the operator. */
async function renew(
  operators: OperatorsTable,
  { operator, password: hash }: Found & { password: string },
  password: string,
  passwords: Passwords,
) {
  const { username, disabled } = operator;
  const isSame = await passwords.matches(password, hash);
  return operators.change(username, {
    password_chosen_by: username,
    ...(disabled && { disabled: false }),
    ...(!isSame && { password: await passwords.hash(password) }),
  });
}

/** A random password of 20 characters, 120 bits. */
export const newPassword = (): string => randomBytes(15).toString('base64url');
