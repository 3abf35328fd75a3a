import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';

/** The purpose of a pseudonym. Pseudonyms of different purposes cannot be compared. */
export type Purpose = 'insights' | 'log' | 'erasures';

const KEY_BYTES = 32;

/**
 * Pseudonyms of followers and their texts: HMAC-SHA-256 under a key derived from `pseudonymKey`. Without the key they
 * cannot be matched with a list of openids.
 */
export function pseudonyms(pseudonymKey: string, purpose: Purpose): (text: string) => Buffer {
  const key = createSecretKey(
    Buffer.from(hkdfSync('sha256', pseudonymKey, '', `wechat-server: pseudonyms for ${purpose}`, KEY_BYTES)),
  );
  return (text) => createHmac('sha256', key).update(text).digest();
}
