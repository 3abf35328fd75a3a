import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';

/** What a pseudonym is for: those of one purpose cannot be compared with those of another. */
export type Purpose = 'insights' | 'log' | 'erasures';

const KEY_BYTES = 32;

/**
 * Stands for a follower, or for what they wrote: HMAC-SHA-256 under a key derived from `pseudonymKey`. Who has the list
 * of openids, but not the key, cannot tell whose it is; when the key is gone, nobody can.
 */
export function pseudonyms(pseudonymKey: string, purpose: Purpose): (text: string) => Buffer {
  const key = createSecretKey(
    Buffer.from(hkdfSync('sha256', pseudonymKey, '', `wechat-server: pseudonyms for ${purpose}`, KEY_BYTES)),
  );
  return (text) => createHmac('sha256', key).update(text).digest();
}
