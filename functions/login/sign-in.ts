import { orLog } from '../../lib/http/audit.ts';
import { type BackOffice, publicOperator } from '../../lib/http/back-office.ts';
import type { Request } from '../../lib/http/endpoint.ts';
import { badParameter, HttpError, tooManyAttempts } from '../../lib/http/error.ts';
import { checkNewPassword, type Passwords } from '../../lib/operators/passwords.ts';
import type { Operator } from '../../lib/operators/permissions.ts';
import { SESSION_SECONDS } from '../../lib/operators/sessions.ts';
import { networkOf } from '../../lib/operators/throttle.ts';
import type { AttemptsTable, Who } from '../../lib/tables/attempts.ts';

/** The dependencies of signing in. */
export type SignInPorts = Pick<BackOffice, 'operators' | 'sessions' | 'audit'> & {
  readonly passwords: Passwords;
  readonly attempts: AttemptsTable;
};

export type SignedIn = { readonly token: string; readonly expires_in: number; readonly operator: Operator };

/** One attempt with a password: who, by which route, and when, in milliseconds since 1970. */
type Attempt = Who & { readonly password: string; readonly action: string; readonly at: number };

/**
 * Signs in.
 * @throws HttpError 401, the same for an unknown name, a wrong password and a disabled operator; 429
 */
export async function signIn(
  ports: SignInPorts,
  { username, password }: { username: string; password: string },
  { address, now, auditContext }: Request<'public'>,
): Promise<SignedIn> {
  const found = await authenticated(ports, { name: username, address, password, action: 'POST /login', at: now });
  if (!found) {
    throw new HttpError(401, 'wrong username or password', { headers: { 'WWW-Authenticate': 'Bearer' } });
  }
  auditContext.operator = username;
  return signedIn(ports, found.operator.session, publicOperator(found.operator, found.administrator));
}

/**
 * Changes one's own password and ends all sessions but the new one.
 * @throws HttpError 400 for a password that will not do, 403 for a wrong one, 409 for a session that ended meanwhile; 429
 */
export async function changePassword(
  ports: SignInPorts,
  { password, new_password }: { password: string; new_password: string },
  { operator, address, now }: Request<'session'>,
): Promise<SignedIn> {
  const { username } = operator;
  if (new_password === password) throw badParameter('new_password', 'must differ from the old one');
  const checked = checkNewPassword(new_password, username);
  if (!checked.ok) throw badParameter('new_password', checked.message);
  const found = await authenticated(ports, {
    name: username,
    address,
    password,
    action: 'PUT /login/password',
    at: now,
  });
  if (!found) throw new HttpError(403, 'wrong password');
  const { session } = found.operator;
  const change = { password: await ports.passwords.hash(new_password), password_chosen_by: username };
  const isChanged = await ports.operators.change(username, change, { session });
  if (!isChanged) throw new HttpError(409, 'signed out meanwhile', { detail: 'sign in and try again' });
  return signedIn(ports, session + 1, { ...operator, must_change_password: false });
}

const signedIn = async ({ sessions }: SignInPorts, session: number, operator: Operator): Promise<SignedIn> => ({
  token: await sessions.issue({ username: operator.username, session }),
  expires_in: SESSION_SECONDS,
  operator,
});

/**
 * The operator, if this is their password; a wrong one counts against the name and the address, and is in the audit.
 * @throws HttpError 429 before anything is hashed, while too many were wrong
 */
async function authenticated({ operators, passwords, attempts, audit }: SignInPorts, tried: Attempt) {
  const { name, address, action, at } = tried;
  const attempt = await attempts.take(tried, at);
  if (!attempt.isAllowed) throw tooManyAttempts(attempt.retryAfterSeconds);
  const found = await operators.withPassword(name);
  const isRight = await passwords.matches(tried.password, found?.password);
  if (found && isRight && !found.operator.disabled) {
    await attempt.succeeded();
    return found;
  }
  const failed = { at, operator: found && name, action, network: networkOf(address) };
  await Promise.all([attempt.failed(), orLog(failed, audit.countFailedSignIn(failed))]);
  return undefined;
}
