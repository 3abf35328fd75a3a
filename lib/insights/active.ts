import {
  addDistinct,
  countDistinct,
  type Distinct,
  isEstimated,
  mergeDistinct,
  noneDistinct,
} from './sketches/distinct.ts';
import type { Hashes } from './sketches/hash.ts';

/**
 * Different followers, by the key under which they were hashed. Whoever was seen before and after a change of the key
 * is counted twice, since nothing tells that it is the same.
 */
export type Active = Map<string, Distinct>;

export const addActive = (active: Active, { key, of }: Hashes, openid: string): void =>
  addDistinct(under(active, key), of(openid));

export function mergeActive(into: Active, from: Active): void {
  for (const [key, distinct] of from) mergeDistinct(under(into, key), distinct);
}

export const countActive = (active: Active): number => countsOf(active).reduce((sum, count) => sum + count, 0);

/** The number that may have been counted twice. */
export const countedTwice = (active: Active): number => countActive(active) - Math.max(0, ...countsOf(active));

export const isActiveEstimated = (active: Active): boolean => [...active.values()].some(isEstimated);

const countsOf = (active: Active): number[] => [...active.values()].map(countDistinct);

function under(active: Active, key: string): Distinct {
  const distinct = active.get(key) ?? noneDistinct();
  active.set(key, distinct);
  return distinct;
}
