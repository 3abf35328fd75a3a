import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { COMMON_PASSWORDS } from './common-passwords.ts';

/** OWASP's parameters for scrypt: N = 2^17, r = 8, p = 1, which takes 128 MiB and a third of a second. */
const OWASP_COST = 17;
const BLOCK_SIZE = 8;
const PARALLELIZATION = 1;
const SALT_BYTES = 16;
const KEY_BYTES = 32;

const SHORTEST = 10;
const LONGEST = 256;

export type Passwords = {
  /** Hashes to `scrypt$17$8$1$<salt>$<key>`, salt and key in base64url. */
  readonly hash: (password: string) => Promise<string>;
  /** False without a hash, in the same time, so that an unknown username is not told from a wrong password. */
  readonly matches: (password: string, hash: string | undefined) => Promise<boolean>;
};

type Made = { readonly cost: number; readonly blockSize: number; readonly parallelization: number };

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** Hashes and checks passwords. `cost` is the binary logarithm of scrypt's N; anything but the default is for tests. */
export function hashing({ cost = OWASP_COST }: { cost?: number } = {}): Passwords {
  const made = { cost, blockSize: BLOCK_SIZE, parallelization: PARALLELIZATION };
  const hash = async (password: string) => {
    const salt = randomBytes(SALT_BYTES);
    return written(made, salt, await keyOf(password, salt, made));
  };
  return {
    hash,
    async matches(password, stored) {
      if (stored === undefined) return (await hash(password)) === '';
      const { salt, key, ...how } = read(stored);
      return timingSafeEqual(await keyOf(password, salt, how), key);
    },
  };
}

const FAULTS = {
  TOO_LONG: `must have at most ${LONGEST} characters`,
  TOO_SHORT: `must have at least ${SHORTEST} characters`,
  IS_USERNAME: 'must not be the username',
  TOO_COMMON: 'is among the most common passwords',
} as const;

/** Checks a new password; if it is refused, `message` is the reason, to follow the field's name. */
export type PasswordCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: keyof typeof FAULTS; readonly message: string };

export function checkNewPassword(password: string, username: string): PasswordCheck {
  const code = faultOf(password, username);
  return code === undefined ? { ok: true } : { ok: false, code, message: FAULTS[code] };
}

function faultOf(password: string, username: string): keyof typeof FAULTS | undefined {
  if (password.length > LONGEST) return 'TOO_LONG';
  if ([...password].length < SHORTEST) return 'TOO_SHORT';
  const known = password.normalize('NFKC').toLowerCase();
  if (known === username.toLowerCase()) return 'IS_USERNAME';
  return COMMON_PASSWORDS.has(known) ? 'TOO_COMMON' : undefined;
}

/** Derives the key. NFKC, since keyboards may send different code points for the same password. */
const keyOf = (password: string, salt: Buffer, { cost, blockSize, parallelization }: Made): Promise<Buffer> =>
  derive(password.normalize('NFKC'), salt, KEY_BYTES, {
    N: 2 ** cost,
    r: blockSize,
    p: parallelization,
    maxmem: 256 * 2 ** cost * blockSize,
  });

const written = ({ cost, blockSize, parallelization }: Made, salt: Buffer, key: Buffer): string =>
  ['scrypt', cost, blockSize, parallelization, salt.toString('base64url'), key.toString('base64url')].join('$');

function read(stored: string): Made & { salt: Buffer; key: Buffer } {
  const found = /^scrypt\$(\d\d?)\$(\d\d?)\$(\d\d?)\$([\w-]+)\$([\w-]{43})$/.exec(stored);
  if (found === null) throw new TypeError('a stored password is not in the form scrypt$N$r$p$salt$key');
  const [, cost, blockSize, parallelization, salt = '', key = ''] = found;
  return {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  };
}
