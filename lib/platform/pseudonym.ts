import { createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';

/** The purpose of a pseudonym. Pseudonyms of different purposes cannot be compared. */
export type Purpose = 'insights' | 'log' | 'erasures';

const KEY_BYTES = 32;

/**
 * Pseudonyms of followers and their texts: HMAC-SHA-256 under a key derived from `pseudonymKey`. Without the key they
 * cannot be matched with a list of openids. Without `pseudonymKey` the log has those of a key that lives as long as the process.
 * @throws Error without `pseudonymKey`, for what must be found again
 */
export function pseudonyms(pseudonymKey: string | undefined, purpose: Purpose): (text: string) => Buffer {
  if (pseudonymKey === undefined && purpose !== 'log') throw new Error('Configuration: PSEUDONYM_KEY is not set');
  const key = createSecretKey(
    Buffer.from(
      hkdfSync(
        'sha256',
        pseudonymKey ?? randomBytes(KEY_BYTES),
        '',
        `wechat-server: pseudonyms for ${purpose}`,
        KEY_BYTES,
      ),
    ),
  );
  return (text) => createHmac('sha256', key).update(text).digest();
}
