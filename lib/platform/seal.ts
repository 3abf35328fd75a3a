import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, errors } from 'jose';

/** A text that was not sealed with this secret, or was changed since. Reveals nothing of its content. */
export class Unsealable extends Error {
  override readonly name = 'Unsealable';
}

const ALG = 'dir';
const ENC = 'A256GCM';
const KEY_BYTES = 32;

/** The purpose of the derived key: the same secret used elsewhere yields other keys. */
const PURPOSE = 'wechat-server: deliveries that could not be recorded';

/**
 * Encrypts a JSON value: a JWE (RFC 7516), AES-256-GCM, compressed. The result for the largest delivery, 128 KiB, fits
 * into one line of CloudWatch Logs (256 KB).
 * @param secret at least 32 random bytes
 */
export function seal(secret: string, content: unknown): Promise<string> {
  return new CompactEncrypt(Buffer.from(JSON.stringify(content)))
    .setProtectedHeader({ alg: ALG, enc: ENC, zip: 'DEF' })
    .encrypt(keyOf(secret));
}

/** Decrypts a sealed value. @throws Unsealable */
export async function unseal(secret: string, text: string): Promise<unknown> {
  const { plaintext } = await compactDecrypt(text, keyOf(secret), {
    keyManagementAlgorithms: [ALG],
    contentEncryptionAlgorithms: [ENC],
    // Safe: decompressed only after authentication.
    maxDecompressedLength: Number.POSITIVE_INFINITY,
  }).catch(refuse);
  return JSON.parse(new TextDecoder().decode(plaintext));
}

function refuse(error: unknown): never {
  if (!(error instanceof errors.JOSEError)) throw error;
  throw new Unsealable('it was sealed with another key or by another version, or changed');
}

const keyOf = (secret: string): Uint8Array => new Uint8Array(hkdfSync('sha256', secret, '', PURPOSE, KEY_BYTES));
