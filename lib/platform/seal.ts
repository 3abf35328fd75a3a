import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** A text that was not sealed with this secret, or was changed since. Tells nothing of what it holds. */
export class Unsealable extends Error {
  override readonly name = 'Unsealable';
}

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const VERSION = Buffer.from([1]);
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = VERSION.length + NONCE_BYTES + TAG_BYTES;

/** What the key is for: a secret that serves elsewhere too opens nothing here. */
const PURPOSE = 'wechat-server: deliveries that could not be recorded';

/**
 * A value of JSON that only who has the secret can read: AES-256-GCM, as base64url. It is compressed first; what comes
 * of the largest delivery the webhook takes, of 128 KiB, fits into one line of CloudWatch Logs (256 KB).
 * @param secret at least 32 bytes that nobody can guess
 */
export function seal(secret: string, content: unknown): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(secret), nonce).setAAD(VERSION);
  const sealed = Buffer.concat([cipher.update(deflateRawSync(JSON.stringify(content))), cipher.final()]);
  return Buffer.concat([VERSION, nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** @throws Unsealable */
export function unseal(secret: string, text: string): unknown {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length <= HEADER_BYTES || !bytes.subarray(0, 1).equals(VERSION)) {
    throw new Unsealable('it was not sealed by this version');
  }
  const nonce = bytes.subarray(VERSION.length, VERSION.length + NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, keyOf(secret), nonce, { authTagLength: TAG_BYTES })
    .setAAD(VERSION)
    .setAuthTag(bytes.subarray(VERSION.length + NONCE_BYTES, HEADER_BYTES));
  return JSON.parse(inflateRawSync(opened(decipher, bytes.subarray(HEADER_BYTES))).toString());
}

function opened(decipher: ReturnType<typeof createDecipheriv>, sealed: Buffer): Buffer {
  try {
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch {
    throw new Unsealable('it was sealed with another key, or changed');
  }
}

const keyOf = (secret: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, KEY_BYTES));
