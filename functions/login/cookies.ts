import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { readConfig } from '../../lib/platform/config.ts';
import type { SignedIn } from './sign-in.ts';

const { STAGE } = readConfig(['STAGE']);

/** Browsers send these to our own pages alone. Safari drops `Secure` cookies of http://localhost. */
const OURS = { path: '/', secure: STAGE !== 'local', sameSite: 'Strict' } as const;

/** Sets both cookies. Scripts cannot read the token; the username is for a page to display. */
export function setCookies(http: Context, signedIn: SignedIn): SignedIn {
  setCookie(http, 'username', signedIn.operator.username, { ...OURS, maxAge: signedIn.expires_in });
  setCookie(http, 'token', signedIn.token, { ...OURS, httpOnly: true, maxAge: signedIn.expires_in });
  return signedIn;
}

export function forgetCookies(http: Context): void {
  deleteCookie(http, 'username', OURS);
  deleteCookie(http, 'token', { ...OURS, httpOnly: true });
}
