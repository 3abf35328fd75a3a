import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The sections of the benchmark that are quick, and what one of their rows is about. */
const QUICK = {
  webhook: 'bare conditional PutItem',
  capacity: 'a message is recorded',
  cost: 'a million deliveries, recorded and answered',
  heat: 'write units: hottest of 16 shards of the index',
};

type Row = Record<string, string | number>;

const bench = async (...words: string[]): Promise<Record<string, Row[]>> => {
  const args = ['--import', 'tsx', 'bench/run.ts', '--smoke', '--json', ...words];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
};

describe('npm run bench', () => {
  let results: Record<string, Row[]> = {};

  beforeAll(async () => {
    results = await bench(...Object.keys(QUICK));
  });

  it.each(Object.entries(QUICK))('measures %s, every figure a number', (section, about) => {
    const rows = results[section] ?? [];
    expect(rows.map((row) => Object.values(row)[0])).toContain(about);
    for (const [, ...figures] of rows.map(Object.values)) {
      expect(figures.length).toBeGreaterThan(0);
      for (const figure of figures) expect(Number.isFinite(figure)).toBe(true);
    }
  });

  it('finds that a recorded message is two writes, its own and its index’s, and no read', () => {
    expect(results.capacity).toContainEqual({
      operation: 'a message is recorded',
      calls: 1,
      'read units': 0,
      'write units': 2,
    });
  });

  it('says which sections there are when asked for another', async () => {
    await expect(bench('nonsense')).rejects.toThrow(/There is no nonsense; sections: load, webhook/);
  });
});
