import { randomInt } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';

const ISSUER = 'wechat-server';
const AUDIENCE = 'back-office';
const ALGORITHM = 'HS256';

export const SESSION_SECONDS = 12 * 60 * 60;

/** Whom a token names, and the number their record must still carry. */
export type Session = { readonly username: string; readonly session: number };

/** Of a new operator: the tokens of a deleted one must not open the next of that name. */
export const firstSession = (): number => randomInt(2 ** 40);

export type Sessions = ReturnType<typeof sessions>;

export type SessionOptions = {
  /** Signs, at least 32 bytes. */
  readonly secret: string;
  /** The one that signed before: its tokens are valid until they expire. */
  readonly previous?: string | undefined;
  readonly now: () => number;
};

/** Tokens of the back office: signed by us, for us, for twelve hours. */
export function sessions({ secret, previous, now }: SessionOptions) {
  const key = new TextEncoder().encode(secret);
  const keys = previous === undefined ? [key] : [key, new TextEncoder().encode(previous)];
  return {
    issue({ username, session }: Session): Promise<string> {
      const issuedAt = Math.floor(now() / 1000);
      return new SignJWT({ session })
        .setProtectedHeader({ alg: ALGORITHM })
        .setSubject(username)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + SESSION_SECONDS)
        .sign(key);
    },

    /** Undefined unless it is ours and still valid; whether it was revoked, the operator's record says. */
    async read(token: string): Promise<Session | undefined> {
      for (const key of keys) {
        const payload = await verified(token, key, now());
        if (payload === undefined) continue;
        const { sub, session } = payload;
        return typeof sub === 'string' && typeof session === 'number' ? { username: sub, session } : undefined;
      }
      return undefined;
    },
  };
}

async function verified(token: string, key: Uint8Array, now: number): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'exp'],
      currentDate: new Date(now),
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
