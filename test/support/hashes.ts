import { hashesUnder } from '../../lib/insights/sketches/hash.ts';

/** How the deployed functions of the tests hash followers. */
export const HASHES = hashesUnder(process.env.PSEUDONYM_KEY ?? '');
