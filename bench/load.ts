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

export const load: Section = {
  title: 'Loading a function',
  about: `import() of each bundle in a fresh process, median. Aim: webhook at most ${AIM.webhook} × the bare client, the others ${AIM.other} ×.`,
  measure: async (effort) => {
    const empty = await bundleBaseline('empty handler');
    const bare = await bundleBaseline('bare client');
    const functions = await Promise.all(functionNames().map(bundleFunction));
    const times = await loadTimes([empty, bare, ...functions], RUNS[effort]);
    const timesOf = ({ file }: Bundle) => times.get(file) ?? [];
    const rowOf = (bundle: Bundle): Row => ({
      bundle: bundle.name,
      'load ms': median(timesOf(bundle)),
      '× bare client': ratio(timesOf(bundle), timesOf(bare)),
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
async function loadTimes(bundles: readonly Bundle[], runs: number): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(bundles.map(({ file }) => [file, []]));
  for (let round = 0; round < runs; round++) {
    const first = round % bundles.length;
    for (const { file } of [...bundles.slice(first), ...bundles.slice(0, first)]) {
      times.get(file)?.push(await loadTime(file));
    }
  }
  return times;
}

/** Round by round, since rounds differ more than bundles on a busy machine. */
const ratio = (times: readonly number[], others: readonly number[]): number =>
  median(times.map((time, round) => time / (others[round] ?? Number.NaN)));

async function loadTime(file: string): Promise<number> {
  const { stdout } = await run(process.execPath, ['bench/load-once.js', file], { env: functionEnvironment() });
  return Number(stdout);
}
