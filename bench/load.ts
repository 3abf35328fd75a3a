import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Bundle, bundleBaseline, bundleFunction, functionNames } from './bundles.ts';
import { functionEnvironment } from './environment.ts';
import type { Effort, Row, Section } from './section.ts';
import { median } from './statistics.ts';

const RUNS = { full: 25, smoke: 1 } as const satisfies Record<Effort, number>;

/** The webhook answers within WeChat's five seconds; at the others a person is waiting. */
const AIM = { webhook: 1.25, other: 1.5 };

const run = promisify(execFile);

type Loaded = { readonly ms: number; readonly cpu_ms: number };

export const load: Section = {
  title: 'Loading a function',
  about:
    'import() of each bundle in a fresh process, median; compared by CPU time, which other processes disturb least. ' +
    `Aim: webhook at most ${AIM.webhook} × the bare client, the others ${AIM.other} ×.`,
  measure: async (effort) => {
    const empty = await bundleBaseline('empty handler');
    const bare = await bundleBaseline('bare client');
    const functions = await Promise.all(functionNames().map(bundleFunction));
    const loaded = await loadAll([empty, bare, ...functions], RUNS[effort]);
    const timesOf = ({ file }: Bundle, unit: keyof Loaded) => (loaded.get(file) ?? []).map((each) => each[unit]);
    const rowOf = (bundle: Bundle): Row => ({
      bundle: bundle.name,
      'load ms': median(timesOf(bundle, 'ms')),
      'cpu ms': median(timesOf(bundle, 'cpu_ms')),
      '× bare client': ratio(timesOf(bundle, 'cpu_ms'), timesOf(bare, 'cpu_ms')),
      'bundle KB': bundle.kb,
      'zip KB': bundle.zip_kb,
    });
    return [
      rowOf(empty),
      rowOf(bare),
      ...functions.map((bundle) => ({ ...rowOf(bundle), aim: bundle.name === 'webhook' ? AIM.webhook : AIM.other })),
    ];
  },
};

/** In turns, each round beginning elsewhere, so that whatever else the machine does befalls all alike. */
async function loadAll(bundles: readonly Bundle[], runs: number): Promise<Map<string, Loaded[]>> {
  const loaded = new Map<string, Loaded[]>(bundles.map(({ file }) => [file, []]));
  for (let round = 0; round < runs; round++) {
    const first = round % bundles.length;
    for (const { file } of [...bundles.slice(first), ...bundles.slice(0, first)]) {
      loaded.get(file)?.push(await loadOnce(file));
    }
  }
  return loaded;
}

/** Round by round, since rounds differ more than bundles on a busy machine. */
const ratio = (times: readonly number[], others: readonly number[]): number =>
  median(times.map((time, round) => time / (others[round] ?? Number.NaN)));

async function loadOnce(file: string): Promise<Loaded> {
  const { stdout } = await run(process.execPath, ['bench/load-once.js', file], { env: functionEnvironment() });
  return JSON.parse(stdout);
}
