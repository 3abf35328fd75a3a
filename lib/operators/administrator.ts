import { randomBytes } from 'node:crypto';
import type { Found, OperatorsTable } from '../tables/operators.ts';
import { checkNewPassword, hashing, type Passwords } from './passwords.ts';
import { firstSession } from './sessions.ts';

type Wanted = { readonly username: string; readonly password: string };

/**
 * Makes the operator, enabled, an administrator with this password. Doing it again changes nothing: who has the
 * password stays signed in.
 * @throws Error saying what is wrong with the name or the password
 */
export async function createAdministrator(
  operators: OperatorsTable,
  { username, password }: Wanted,
  { passwords = hashing(), now = Date.now }: { passwords?: Passwords; now?: () => number } = {},
): Promise<void> {
  if (!/^[a-z0-9._-]{3,32}$/.test(username)) throw new Error('The username must be 3–32 of a-z 0-9 . _ -');
  const fault = checkNewPassword(password, username);
  if (fault !== undefined) throw new Error(`The password ${fault}`);
  const found = await operators.withPassword(username);
  const isDone = found
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
  if (!isDone || !(await promote(operators, username))) {
    throw new Error(`Somebody else changed ${username} at this moment; try again`);
  }
}

/** Unless somebody else has set another password since. */
async function promote(operators: OperatorsTable, username: string): Promise<boolean> {
  const { operator, administrator } = (await operators.byUsername(username)) ?? {};
  if (operator?.password_chosen_by !== username) return false;
  return administrator || operators.makeAdministrator(username, { session: operator.session });
}

/** The password counts as the operator's own choice. */
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

/** Twenty characters, 120 bits. */
export const newPassword = (): string => randomBytes(15).toString('base64url');
