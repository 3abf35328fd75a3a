import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { holds, type Operator, type Permission } from '../auth/permissions.ts';
import { HttpError } from './error.ts';

/** Who may call a route: holders of a permission, administrators, anyone signed in, or anyone at all. */
export type Access = Permission | 'administrator' | 'session' | 'public';

/** Who a token stands for at this moment; undefined if it is forged, expired or revoked, or its operator disabled. */
export type Recognise = (token: string) => Promise<Operator | undefined>;

/**
 * Lets a request pass or throws 401 or 403. A cookie travels with every request of a browser, so a changing request
 * that relies on it must come from our own pages; a Bearer token is proof enough by itself.
 */
export async function admit(access: Access, request: Context, recognise: Recognise): Promise<Operator | undefined> {
  if (access === 'public') return undefined;
  const bearer = bearerToken(request);
  const cookie = getCookie(request, 'token');
  if (bearer === undefined && cookie !== undefined) refuseForeignPage(request);
  const token = bearer ?? cookie;
  const operator = token === undefined ? undefined : await recognise(token);
  if (operator === undefined) {
    throw new HttpError(401, 'not signed in', { headers: { 'WWW-Authenticate': 'Bearer' } });
  }
  if (!mayPass(operator, access)) {
    const detail = access === 'administrator' ? 'administrators only' : `needs the permission ${access}`;
    throw new HttpError(403, 'not permitted', { detail });
  }
  return operator;
}

function mayPass(operator: Operator, access: Exclude<Access, 'public'>): boolean {
  if (access === 'session') return true;
  return access === 'administrator' ? operator.administrator : holds(operator, access);
}

const bearerToken = (request: Context): string | undefined =>
  /^Bearer +(\S+)$/i.exec(request.req.header('authorization') ?? '')?.[1];

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
