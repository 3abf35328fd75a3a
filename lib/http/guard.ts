import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { holds, type Operator, type Permission } from '../operators/permissions.ts';
import { HttpError } from './error.ts';

/**
 * The access to a route: operators with a permission, administrators, anyone signed in, or anyone at all. `session` and
 * `public` are for signing in and one's own account: they set cookies, and `session` is also open to operators who must
 * change their password first.
 */
export type Access = Permission | 'administrator' | 'session' | 'public';

/** The operator of a token; undefined if the token is forged, expired or revoked, or the operator disabled. */
export type Authenticate = (token: string) => Promise<Operator | undefined>;

/**
 * The operator of a request that may pass; undefined on a public route. A browser sends cookies with every request, so a
 * changing request that relies on one, or whose response sets one, must come from our own pages; otherwise a Bearer token
 * suffices.
 * @throws HttpError 401 or 403
 */
export async function authorize(
  access: Access,
  request: Context,
  authenticate: Authenticate,
): Promise<Operator | undefined> {
  const bearer = bearerToken(request);
  if (bearer === undefined || access === 'public' || access === 'session') refuseForeignPage(request);
  if (access === 'public') return undefined;
  const token = bearer ?? tokenCookie(request);
  const operator = token === undefined ? undefined : await authenticate(token);
  if (operator === undefined) throw notSignedIn();
  if (access === 'session') return operator;
  if (operator.must_change_password) {
    throw new HttpError(403, 'password must be changed', {
      detail: 'another operator chose your password: change it by PUT /login/password first',
    });
  }
  if (!mayPass(operator, access)) {
    const detail = access === 'administrator' ? 'administrators only' : `needs the permission ${access}`;
    throw new HttpError(403, 'not permitted', { detail });
  }
  return operator;
}

const notSignedIn = (detail?: string): HttpError =>
  new HttpError(401, 'not signed in', { headers: { 'WWW-Authenticate': 'Bearer' }, ...(detail && { detail }) });

const mayPass = (operator: Operator, access: Permission | 'administrator'): boolean =>
  access === 'administrator' ? operator.administrator : holds(operator, access);

const bearerToken = (request: Context): string | undefined =>
  /^Bearer +(\S+)$/i.exec(request.req.header('authorization') ?? '')?.[1];

/** The token in the cookie. Another host of the same site could set a second one of this name and have it chosen. */
function tokenCookie(request: Context): string | undefined {
  const pairs = (request.req.header('cookie') ?? '').split(';').map((pair) => pair.trim());
  if (new Set(pairs.filter((pair) => pair.startsWith('token='))).size > 1) {
    throw notSignedIn('two cookies are named token: delete the cookies of this site and sign in again');
  }
  return getCookie(request, 'token');
}

function refuseForeignPage(request: Context): void {
  if (request.req.method === 'GET') return;
  const site = request.req.header('sec-fetch-site');
  const isOurs = site !== undefined ? site === 'same-origin' || site === 'none' : isSameHost(request);
  if (!isOurs) throw new HttpError(403, 'not permitted', { detail: 'the request comes from another site' });
}

function isSameHost(request: Context): boolean {
  const origin = request.req.header('origin');
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === request.req.header('host');
}
