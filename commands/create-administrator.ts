import { parseArgs } from 'node:util';
import { createAdministrator, newPassword } from '../lib/operators/administrator.ts';
import { type OperatorsTable, operatorsTable } from '../lib/tables/operators.ts';
import { askHidden } from './ask-hidden.ts';
import { databaseOf, type Env, runIfStarted } from './command.ts';

export const USAGE = `npm run create-administrator -- --stage prod [--username admin] [--region ap-southeast-1]

Makes an administrator, or makes an operator of that name one; an existing one gets the new password. The password is
asked for; leave it empty and one is made. AWS is asked with your own credentials (AWS_PROFILE and so on); --stage local
means the database of a running npm start.`;

const OPTIONS = {
  stage: { type: 'string' },
  username: { type: 'string', default: 'admin' },
  region: { type: 'string' },
  help: { type: 'boolean' },
} as const;

type Surroundings = {
  readonly env: Env;
  readonly print: (line: string) => void;
  /** Answers what was typed, or nothing where nobody can type. */
  readonly ask: (question: string) => Promise<string>;
};

/** What `npm run create-administrator` does. Answers the exit code. */
export async function runCreateAdministrator(
  args: readonly string[],
  { env, print, ask }: Surroundings,
): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help || values.stage === undefined) {
    print(USAGE);
    return values.help ? 0 : 1;
  }
  const { stage, username } = values;
  const typed = await ask(`Password for ${username} (empty: one is made): `);
  const password = typed || newPassword();
  await createAdministrator(operatorsOf(stage, values.region, env), { username, password });
  print(`${username} is an administrator of the stage ${stage}.`);
  if (!typed) print(`Password, shown this once: ${password}`);
  return 0;
}

function operatorsOf(stage: string, region: string | undefined, env: Env): OperatorsTable {
  const name = stage === 'local' ? env.OPERATORS_TABLE : undefined;
  return operatorsTable(databaseOf(stage, region, env), name ?? `wechat-server-${stage}-operators`);
}

runIfStarted(import.meta.url, (args) =>
  runCreateAdministrator(args, { env: process.env, print: console.log, ask: askHidden }),
);
