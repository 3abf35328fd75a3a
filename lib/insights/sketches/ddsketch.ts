/**
 * Quantiles of durations in milliseconds: exact up to `MOST_EXACT` in memory and `MOST_STORED` in a row, then by
 * logarithmic buckets (DDSketch, Masson 2019), each value within `QUANTILE_ERROR`. Our own: the one well-kept library
 * writes and reads its sketches through protobufjs alone.
 */
export type Quantiles = { values: number[]; buckets: Map<number, number> | undefined };

export type StoredQuantiles = {
  readonly values?: readonly number[];
  readonly buckets?: readonly (readonly [number, number])[];
};

/** Relative to the true value. */
export const QUANTILE_ERROR = 0.01;

const MOST_EXACT = 20_000;
const MOST_STORED = 1_000;
const BASE = Math.log((1 + QUANTILE_ERROR) / (1 - QUANTILE_ERROR));

export const noQuantiles = (): Quantiles => ({ values: [], buckets: undefined });

export function addDuration(quantiles: Quantiles, milliseconds: number): void {
  if (quantiles.buckets) increase(quantiles.buckets, bucketOf(milliseconds), 1);
  else if (quantiles.values.push(milliseconds) > MOST_EXACT) bucketed(quantiles);
}

export function mergeQuantiles(into: Quantiles, from: Quantiles): void {
  if (from.buckets) {
    const buckets = bucketed(into);
    for (const [bucket, count] of from.buckets) increase(buckets, bucket, count);
  }
  for (const value of from.values) addDuration(into, value);
}

export const countDurations = ({ values, buckets }: Quantiles): number =>
  buckets ? [...buckets.values()].reduce((sum, count) => sum + count, 0) : values.length;

export const isBucketed = ({ buckets }: Quantiles): boolean => buckets !== undefined;

/** The smallest value that at least the share `q` of all values does not exceed; undefined if there are none. */
export function quantile(quantiles: Quantiles, q: number): number | undefined {
  let left = Math.max(1, Math.ceil(q * countDurations(quantiles)));
  if (!quantiles.buckets) return ascending(quantiles.values)[left - 1];
  for (const [bucket, count] of byBucket(quantiles.buckets)) {
    left -= count;
    if (left <= 0) return middleOf(bucket);
  }
  return undefined;
}

export function storeQuantiles({ values, buckets }: Quantiles): StoredQuantiles {
  if (buckets) return { buckets: byBucket(buckets) };
  if (values.length <= MOST_STORED) return { values: ascending(values) };
  return { buckets: byBucket(bucketed({ values, buckets })) };
}

export const readQuantiles = ({ values = [], buckets }: StoredQuantiles): Quantiles => ({
  values: [...values],
  buckets: buckets && new Map(buckets),
});

function bucketed(quantiles: Quantiles): Map<number, number> {
  if (quantiles.buckets) return quantiles.buckets;
  quantiles.buckets = new Map();
  for (const value of quantiles.values) increase(quantiles.buckets, bucketOf(value), 1);
  quantiles.values = [];
  return quantiles.buckets;
}

/** Under a millisecond is bucket 0. */
const bucketOf = (milliseconds: number): number =>
  milliseconds < 1 ? 0 : 1 + Math.max(0, Math.ceil(Math.log(milliseconds) / BASE));

const middleOf = (bucket: number): number => (bucket === 0 ? 0 : Math.exp(BASE * (bucket - 1)) * (1 - QUANTILE_ERROR));

const ascending = (values: readonly number[]): number[] => [...values].sort((one, other) => one - other);

const byBucket = (buckets: Map<number, number>): [number, number][] =>
  [...buckets].sort(([one], [other]) => one - other);

const increase = (counts: Map<number, number>, bucket: number, by: number): void => {
  counts.set(bucket, (counts.get(bucket) ?? 0) + by);
};
