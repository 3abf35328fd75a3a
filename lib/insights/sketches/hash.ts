import { pseudonyms } from '../../platform/pseudonym.ts';

/**
 * 64 bits of a pseudonym as 11 characters: stands for a follower or a text where it need not, or must not, be kept.
 * Hashes of two keys cannot be compared; `key` says of which they are.
 */
export type Hashes = { readonly key: string; readonly of: (text: string) => string };

const HASH_LENGTH = 11;

export function hashesUnder(pseudonymKey: string | undefined): Hashes {
  const pseudonym = pseudonyms(pseudonymKey, 'insights');
  const of = (text: string): string => pseudonym(text).subarray(0, 8).toString('base64url');
  return { key: of('the name of this key'), of };
}

/** The hashes of a text that is nothing but hashes. */
export const hashesIn = (joined: string): string[] =>
  Array.from({ length: joined.length / HASH_LENGTH }, (_, at) =>
    joined.slice(at * HASH_LENGTH, (at + 1) * HASH_LENGTH),
  );
