import { hash, timingSafeEqual } from 'node:crypto';

/**
 * The signature WeChat puts on a request, in lower-case hex. With three texts it is the query's `signature`; with the
 * text of `<Encrypt>` as the fourth it is `msg_signature`. The texts go in as received, sorted by code unit.
 */
export function sign(token: string, timestamp: string, nonce: string, encrypted?: string): string {
  const texts = encrypted === undefined ? [token, timestamp, nonce] : [token, timestamp, nonce, encrypted];
  return hash('sha1', texts.sort().join(''), 'hex');
}

/** Compares signatures in constant time. */
export function isSame(expected: string, offered: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(offered);
  return left.length === right.length && timingSafeEqual(left, right);
}
