import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { tableDefinitions } from '../../local/tables.ts';
import { type Finding, right, type Setup, wrong } from './setup.ts';

/** Checks that every table of the stage and its indexes are active. */
export async function checkTables(setup: Setup): Promise<Finding> {
  const names = Object.values(setup.tables);
  const states = await Promise.all(names.map(async (name) => ({ name, state: await stateOf(setup, name) })));
  const faults = states.filter(({ state }) => state !== 'ACTIVE');
  if (faults.length === 0) return right(`${names.length}, all ACTIVE`);
  return wrong(faults.map(({ name, state }) => `${name}: ${state}`).join(' · '), fixFor(setup, faults));
}

async function stateOf({ db }: Setup, name: string): Promise<string> {
  try {
    const { Table } = await db.send(new DescribeTableCommand({ TableName: name }));
    const index = Table?.GlobalSecondaryIndexes?.find(({ IndexStatus }) => IndexStatus !== 'ACTIVE');
    if (index) return `its index ${index.IndexName} is ${index.IndexStatus}`;
    return Table?.TableStatus ?? 'of unknown state';
  } catch (error) {
    return (error as Error).name === 'ResourceNotFoundException'
      ? 'missing'
      : `not readable (${(error as Error).name})`;
  }
}

function fixFor({ stage }: Setup, faults: readonly { state: string }[]): string {
  if (faults.some(({ state }) => state.startsWith('not readable'))) {
    return stage === 'local'
      ? 'see the terminal of npm start'
      : 'you need dynamodb:DescribeTable and the right --region';
  }
  if (faults.every(({ state }) => state !== 'missing')) return 'wait until it is done, try again';
  return stage === 'local' ? 'restart npm start, which creates them' : `npx serverless deploy --stage ${stage}`;
}

/** The tables of `serverless.yml` by the names given by `nameOf`. */
export const tablesOf = (nameOf: (table: string) => string): Record<string, string> =>
  Object.fromEntries(Object.keys(tableDefinitions()).map((table) => [table, nameOf(table)]));
