import { checkNewPassword, type Passwords } from '../../lib/auth/passwords.ts';
import type { Operator } from '../../lib/auth/permissions.ts';
import { SESSION_SECONDS } from '../../lib/auth/sessions.ts';
import { type BackOffice, shownOperator } from '../../lib/http/back-office.ts';
import type { Request } from '../../lib/http/endpoint.ts';
import { badParameter, HttpError, tooManyAttempts } from '../../lib/http/error.ts';
import type { AttemptsTable, Who } from '../../lib/tables/attempts.ts';

/** What signing in takes. */
export type Desk = Pick<BackOffice, 'operators' | 'sessions'> & {
  readonly passwords: Passwords;
  readonly attempts: AttemptsTable;
};

export type SignedIn = { readonly token: string; readonly expires_in: number; readonly operator: Operator };

export function signingIn({ operators, sessions, passwords, attempts }: Desk) {
  /**
   * The operator, if this is their password; a wrong one counts against the name and the address.
   * @throws HttpError 429 before anything is hashed, while too many were wrong
   */
  const recognised = async (who: Who, password: string, now: number) => {
    const attempt = await attempts.take(who, now);
    if (!attempt.isAllowed) throw tooManyAttempts(attempt.retryAfterSeconds);
    const found = await operators.byUsername(who.name);
    const isRight = await passwords.matches(password, found?.operator.password);
    if (!found || !isRight || found.operator.disabled) return undefined;
    await attempt.succeeded();
    return found;
  };

  return {
    /** One answer for an unknown name, a wrong password and a disabled operator. */
    async signIn(
      { username, password }: { username: string; password: string },
      { address, now, note }: Request<'public'>,
    ): Promise<SignedIn> {
      const found = await recognised({ name: username, address }, password, now);
      if (!found) throw notSignedIn();
      note.operator = username;
      return {
        token: await sessions.issue(found.operator),
        expires_in: SESSION_SECONDS,
        operator: shownOperator(found.operator, found.administrator),
      };
    },

    /** Ends every session but the one it answers with. */
    async changePassword(
      { password, new_password }: { password: string; new_password: string },
      { operator, address, now }: Request<'session'>,
    ): Promise<SignedIn> {
      const { username } = operator;
      const fault =
        new_password === password ? 'must differ from the old one' : checkNewPassword(new_password, username);
      if (fault !== undefined) throw badParameter('new_password', fault);
      const found = await recognised({ name: username, address }, password, now);
      if (!found) throw new HttpError(403, 'wrong password');
      const { session } = found.operator;
      const hash = await passwords.hash(new_password);
      const isChanged = await operators.change(username, { password: hash }, { session });
      if (!isChanged) throw new HttpError(409, 'signed out meanwhile', { detail: 'sign in and try again' });
      return {
        token: await sessions.issue({ username, session: session + 1 }),
        expires_in: SESSION_SECONDS,
        operator,
      };
    },
  };
}

const notSignedIn = (): HttpError =>
  new HttpError(401, 'wrong username or password', { headers: { 'WWW-Authenticate': 'Bearer' } });
