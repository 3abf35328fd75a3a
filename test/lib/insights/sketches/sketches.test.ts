import fc from 'fast-check';
import {
  addDuration,
  isBucketed,
  mergeQuantiles,
  noQuantiles,
  QUANTILE_ERROR,
  quantile,
  readQuantiles,
  storeQuantiles,
} from '../../../../lib/insights/sketches/ddsketch.ts';
import {
  addDistinct,
  countDistinct,
  DISTINCT_ERROR,
  isEstimated,
  mergeDistinct,
  noneDistinct,
  readDistinct,
  storeDistinct,
} from '../../../../lib/insights/sketches/distinct.ts';
import { addTop, highest, mergeTop, noTop, readTop, storeTop } from '../../../../lib/insights/sketches/top-k.ts';
import { HASHES } from '../../../support/hashes.ts';

const followers = (from: number, to: number) => {
  const distinct = noneDistinct();
  for (let follower = from; follower < to; follower++) addDistinct(distinct, HASHES.of(`follower ${follower}`));
  return distinct;
};
const throughARow = (distinct: ReturnType<typeof followers>) => readDistinct(storeDistinct(distinct));

describe('distinct', () => {
  it.each([0, 1, 1_024])('is exact for %i, also through a row', (many) => {
    const distinct = throughARow(followers(0, many));
    expect(countDistinct(distinct)).toBe(many);
    expect(isEstimated(distinct)).toBe(false);
  });

  it('is exact across rows that are exact', () => {
    const all = noneDistinct();
    for (let hour = 0; hour < 24; hour++) mergeDistinct(all, throughARow(followers(hour * 500, hour * 500 + 1_000)));
    expect(countDistinct(all)).toBe(12_500);
    expect(isEstimated(all)).toBe(false);
  });

  it.each([1_025, 5_000, 20_000, 41_000, 60_000, 200_000])('estimates %i within its bound', (many) => {
    const distinct = throughARow(followers(0, many));
    expect(isEstimated(distinct)).toBe(true);
    expect(Math.abs(countDistinct(distinct) / many - 1)).toBeLessThan(DISTINCT_ERROR);
  });

  it('says what the union holds, in either order, whether estimated or not', () => {
    const [many, few] = [followers(0, 30_000), followers(29_900, 30_100)];
    const one = throughARow(many);
    mergeDistinct(one, throughARow(few));
    const other = throughARow(few);
    mergeDistinct(other, throughARow(many));
    expect(countDistinct(one)).toBe(countDistinct(other));
    expect(countDistinct(one)).toBe(countDistinct(throughARow(followers(0, 30_100))));
    expect(Math.abs(countDistinct(one) / 30_100 - 1)).toBeLessThan(DISTINCT_ERROR);
  });

  it('goes over to estimating in memory after fifty thousand', () => {
    expect(isEstimated(followers(0, 50_000))).toBe(false);
    expect(isEstimated(followers(0, 50_001))).toBe(true);
  });
});

describe('quantiles', () => {
  const of = (values: readonly number[]) => {
    const quantiles = noQuantiles();
    for (const value of values) addDuration(quantiles, value);
    return quantiles;
  };
  const nearestRank = (values: readonly number[], q: number) =>
    [...values].sort((one, other) => one - other)[Math.max(1, Math.ceil(q * values.length)) - 1] ?? 0;
  const durations = (minLength: number, maxLength: number) =>
    fc.array(fc.oneof(fc.integer({ min: 0, max: 172_800_000 }), fc.integer({ min: 0, max: 60_000 })), {
      minLength,
      maxLength,
      size: 'max',
    });

  it('has none of nothing', () => {
    expect(quantile(readQuantiles(storeQuantiles(noQuantiles())), 0.5)).toBeUndefined();
  });

  it('is exact for up to a thousand an hour', () => {
    const check = fc.property(durations(1, 1_000), fc.constantFrom(0.5, 0.95, 1), (values, q) => {
      expect(quantile(readQuantiles(storeQuantiles(of(values))), q)).toBe(nearestRank(values, q));
    });
    fc.assert(check, { seed: 7, numRuns: 40 });
  });

  it('is within one percent of the true value over that, merged with exact hours or not', () => {
    const check = fc.property(durations(1_001, 2_000), durations(0, 500), (values, more) => {
      const merged = readQuantiles(storeQuantiles(of(more)));
      mergeQuantiles(merged, readQuantiles(storeQuantiles(of(values))));
      expect(isBucketed(merged)).toBe(true);
      for (const q of [0.5, 0.95]) {
        const [found, truth] = [quantile(merged, q) ?? Number.NaN, nearestRank([...values, ...more], q)];
        expect(Math.abs(found - truth)).toBeLessThanOrEqual(truth * QUANTILE_ERROR * 1.000001);
      }
    });
    fc.assert(check, { seed: 7, numRuns: 20 });
  });

  it('keeps every wait of 48 hours and the shortest apart', () => {
    const quantiles = readQuantiles(storeQuantiles(of([...Array(2_000).fill(0), ...Array(1_000).fill(172_800_000)])));
    expect(quantile(quantiles, 0.5)).toBe(0);
    expect(Math.abs((quantile(quantiles, 0.95) ?? 0) / 172_800_000 - 1)).toBeLessThan(QUANTILE_ERROR);
  });
});

describe('top lists', () => {
  const keys = fc.array(
    fc.nat({ max: 120 }).map((key) => `CLICK ${Math.floor(Math.sqrt(key))}-${key % 7}`),
    {
      maxLength: 400,
      size: 'max',
    },
  );

  it('are short by no more than they say, and never long, when hours leave names out', () => {
    const check = fc.property(
      fc.array(keys, { minLength: 2, maxLength: 5 }),
      fc.integer({ min: 60, max: 3_000 }),
      (hours, bytes) => {
        const merged = noTop();
        for (const hour of hours) {
          const top = noTop();
          for (const name of hour) addTop(top, name);
          mergeTop(merged, readTop(storeTop(top, bytes)));
        }
        for (const name of new Set(hours.flat())) {
          const truth = hours.flat().filter((one) => one === name).length;
          const found = merged.counts.get(name) ?? 0;
          expect(found).toBeLessThanOrEqual(truth);
          expect(found + merged.missed).toBeGreaterThanOrEqual(truth);
        }
      },
    );
    fc.assert(check, { seed: 7, numRuns: 60 });
  });

  it('stay within the bytes they are given', () => {
    const top = noTop();
    for (let key = 0; key < 1_000; key++) addTop(top, `VIEW https://example.com/"价格"/${key}`);
    const stored = storeTop(top, 4_000);
    expect(JSON.stringify(stored.entries).length).toBeLessThan(4_000);
    expect(stored.entries.length).toBeGreaterThan(50);
    expect(stored.missed).toBe(1);
  });

  it('order equal counts by name', () => {
    const top = noTop();
    for (const name of ['b', 'a', 'c', 'c']) addTop(top, name);
    expect(highest(top, 2)).toEqual([
      ['c', 2],
      ['a', 1],
    ]);
  });

  it('keep at most twenty thousand names in memory, and say what that may cost', () => {
    const [top, more] = [noTop(), noTop()];
    for (let key = 0; key < 15_000; key++) {
      addTop(top, `one ${key}`);
      addTop(more, `other ${key}`);
    }
    for (let times = 0; times < 3; times++) addTop(more, 'other 14999');
    mergeTop(top, more);
    expect(top.counts.size).toBe(10_000);
    expect(top.missed).toBe(1);
    expect(top.counts.get('other 14999')).toBe(4);
  });
});
