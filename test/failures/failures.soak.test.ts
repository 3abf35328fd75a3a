import { readFileSync, writeFileSync } from 'node:fs';
import { makeTables } from '../support/tables.ts';
import { BACK_OFFICE_SCENARIOS } from './back-office.ts';
import { DELIVERY_SCENARIOS } from './deliveries.ts';
import { OPERATORS_ANSWER_SCENARIOS } from './operators-answers.ts';
import { type Outcome, type Scenario, tableOf } from './outcomes.ts';
import { SLOW_REPLY_SCENARIOS } from './slow-replies.ts';
import { TOKEN_SCENARIOS } from './tokens.ts';
import { VERSION_SCENARIOS } from './versions.ts';

const FILE = 'docs/failures.md';
const SCENARIOS: readonly Scenario[] = [
  ...DELIVERY_SCENARIOS,
  ...OPERATORS_ANSWER_SCENARIOS,
  ...TOKEN_SCENARIOS,
  ...SLOW_REPLY_SCENARIOS,
  ...BACK_OFFICE_SCENARIOS,
  ...VERSION_SCENARIOS,
];

/** They mostly wait for time limits of the network, so all are begun together. */
const running = new Map<Scenario, Promise<readonly Outcome[]>>();

beforeAll(async () => {
  await makeTables();
  for (const scenario of SCENARIOS) running.set(scenario, scenario.run());
  await Promise.allSettled(running.values());
});

it.each(SCENARIOS)('$title, and nothing is lost or doubled', async (scenario) => {
  expect(await running.get(scenario)).not.toEqual([]);
});

it('ends as the table says (UPDATE_OUTCOMES=1 writes it anew)', async () => {
  const titled = SCENARIOS.map(async (scenario) => ({ ...scenario, outcomes: (await running.get(scenario)) ?? [] }));
  const table = tableOf(await Promise.all(titled));
  if (process.env.UPDATE_OUTCOMES) writeFileSync(FILE, table);
  expect(table).toBe(readFileSync(FILE, 'utf8'));
});
