import { randomInt } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';

const ISSUER = 'wechat-server';
const AUDIENCE = 'back-office';
const ALGORITHM = 'HS256';

export const SESSION_SECONDS = 12 * 60 * 60;

/** The content of a token: the username, and the number that must equal `session` in the operator's record. */
export type Session = { readonly username: string; readonly session: number };

/** The random session number of a new operator: tokens of a deleted namesake stay invalid. */
export const firstSession = (): number => randomInt(2 ** 40);

export type Sessions = ReturnType<typeof sessions>;

export type SessionOptions = {
  /** The signing secret, at least 32 bytes. */
  readonly secret: string;
  /** The previous secret, whose tokens are valid until they expire. */
  readonly previous?: string | undefined;
  readonly now: () => number;
};

/** The back office's session tokens: JWTs (HS256), valid for twelve hours. */
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

    /** The session of a token; undefined if it is invalid or expired. Revocation is checked with the operator's record. */
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
