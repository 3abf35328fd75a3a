import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, errors } from 'jose';

/** The value; UNSEALABLE for a text that was sealed with another key or by another version, or changed since. */
export type Unsealed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: 'UNSEALABLE' };

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

/** The value in a sealed text, if this secret sealed it. */
export async function unseal(secret: string, text: string): Promise<Unsealed> {
  try {
    const { plaintext } = await compactDecrypt(text, keyOf(secret), {
      keyManagementAlgorithms: [ALG],
      contentEncryptionAlgorithms: [ENC],
      // Safe: decompressed only after authentication.
      maxDecompressedLength: Number.POSITIVE_INFINITY,
    });
    return { ok: true, value: JSON.parse(new TextDecoder().decode(plaintext)) };
  } catch (error) {
    if (error instanceof errors.JOSEError) return { ok: false, code: 'UNSEALABLE' };
    throw error;
  }
}

const keyOf = (secret: string): Uint8Array => new Uint8Array(hkdfSync('sha256', secret, '', PURPOSE, KEY_BYTES));
