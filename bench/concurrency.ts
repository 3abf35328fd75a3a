import { bundleFunction } from './bundles.ts';
import type { Effort, Row, Section } from './section.ts';
import { withDatabase } from './setup.ts';
import { callsOf, deliveries } from './webhook-calls.ts';

const COUNT = { full: 4_000, smoke: 20 } as const satisfies Record<Effort, number>;
const AT_ONCE = { full: [1, 10, 100], smoke: [1, 10] } as const satisfies Record<Effort, readonly number[]>;

export const concurrency: Section = {
  title: 'Deliveries at once',
  about:
    'One process, safe mode, recorded in the embedded database, which is one process too and the narrow place here: ' +
    'on AWS each delivery at once has a Lambda of its own.',
  measure: (effort) =>
    withDatabase(async () => {
      const { file } = await bundleFunction('webhook');
      const rows: Row[] = [];
      for (const atOnce of AT_ONCE[effort]) {
        const inputs = deliveries('safe', COUNT[effort]);
        rows.push({ 'at once': atOnce, ...(await callsOf({ file, inputs, atOnce })) });
      }
      return rows;
    }),
};
