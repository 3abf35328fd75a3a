import { createAdministrator, newPassword } from '../lib/operators/administrator.ts';
import { type OperatorsTable, operatorsTable } from '../lib/tables/operators.ts';
import { askHidden } from './ask-hidden.ts';
import { command, databaseOf, type Env, required, runIfStarted, STAGE_OPTIONS, type Terminal } from './command.ts';
import { resourceOf } from './stage.ts';

const USAGE = `npm run create-administrator -- --stage prod [--username admin] [--region ap-southeast-1]

Creates an administrator, or makes an operator of that name one; an existing one gets the new password. The password is
prompted for; if it is empty, a random one is made and printed. AWS is asked with your own credentials (AWS_PROFILE and so on); --stage local
means the database of a running npm start.`;

type Asking = Terminal & {
  /** Prompts for input; '' if stdin is not a terminal. */
  readonly ask: (question: string) => Promise<string>;
};

/** Runs `npm run create-administrator`. */
export const runCreateAdministrator = command(
  { usage: USAGE, options: { ...STAGE_OPTIONS, username: { type: 'string', default: 'admin' } } },
  async ({ values: { stage: given, region, username } }, { env, print, ask }: Asking) => {
    const stage = required(given, '--stage');
    const typed = await ask(`Password for ${username} (empty: a random one): `);
    const password = typed || newPassword();
    await createAdministrator(operatorsOf(stage, region, env), { username, password });
    print(`${username} is an administrator of the stage ${stage}.`);
    if (!typed) print(`Password, shown this once: ${password}`);
    return 0;
  },
);

function operatorsOf(stage: string, region: string | undefined, env: Env): OperatorsTable {
  const name = stage === 'local' ? env.OPERATORS_TABLE : undefined;
  return operatorsTable(databaseOf(stage, region, env), name ?? resourceOf(stage, 'operators'));
}

runIfStarted(import.meta.url, (args) =>
  runCreateAdministrator(args, { env: process.env, print: console.log, ask: askHidden }),
);
