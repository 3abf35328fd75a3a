import fc from 'fast-check';

const { FUZZ_RUNS } = process.env;
const USUAL_RUNS = 1_000;

/**
 * Few runs, always the same; with `npm run fuzz` many, every time others. FUZZ_RUNS counts those of a property that
 * usually has a thousand; others have more or less in proportion.
 */
export const fuzzed = <T>(property: fc.IProperty<T> | fc.IAsyncProperty<T>, runs = 300) =>
  fc.assert(
    property as fc.IAsyncProperty<T>,
    FUZZ_RUNS ? { numRuns: Math.ceil((Number(FUZZ_RUNS) * runs) / USUAL_RUNS) } : { numRuns: runs, seed: 20261122 },
  );

if (FUZZ_RUNS) jest.setTimeout(24 * 3_600_000);
