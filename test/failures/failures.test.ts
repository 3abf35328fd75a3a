import { readFileSync, writeFileSync } from 'node:fs';
import { makeTables } from '../support/tables.ts';
import { DELIVERY_SCENARIOS } from './deliveries.ts';
import { OPERATORS_ANSWER_SCENARIOS } from './operators-answers.ts';
import { type Outcome, type Scenario, tableOf } from './outcomes.ts';
import { SLOW_ANSWER_SCENARIOS } from './slow-answers.ts';
import { TOKEN_SCENARIOS } from './tokens.ts';

const FILE = 'test/failures/outcomes.md';
const SCENARIOS: readonly Scenario[] = [
  ...DELIVERY_SCENARIOS,
  ...OPERATORS_ANSWER_SCENARIOS,
  ...TOKEN_SCENARIOS,
  ...SLOW_ANSWER_SCENARIOS,
];

/** What has to wait for a busy machine, not for a clock. */
jest.setTimeout(60_000);

const seen: { title: string; outcomes: readonly Outcome[] }[] = [];

beforeAll(makeTables);

it.each(SCENARIOS)('$title, and nothing is lost or doubled', async ({ title, run }) => {
  const outcomes = await run();
  seen.push({ title, outcomes });
  expect(outcomes).not.toEqual([]);
});

it('ends as the table says (UPDATE_OUTCOMES=1 writes it anew)', () => {
  const table = tableOf(seen);
  if (process.env.UPDATE_OUTCOMES) writeFileSync(FILE, table);
  expect(table).toBe(readFileSync(FILE, 'utf8'));
});
