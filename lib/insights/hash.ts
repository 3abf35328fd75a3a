import { createHash } from 'node:crypto';

/** 64 bits of SHA-256 as 11 characters: stands for an openid or a text where it need not, or must not, be kept. */
export const hashOf = (text: string): string =>
  createHash('sha256').update(text).digest().subarray(0, 8).toString('base64url');

export const HASH_LENGTH = 11;

/** The hashes of a text that is nothing but hashes. */
export const hashesIn = (joined: string): string[] =>
  Array.from({ length: joined.length / HASH_LENGTH }, (_, at) =>
    joined.slice(at * HASH_LENGTH, (at + 1) * HASH_LENGTH),
  );
