import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { checkNewPassword, hashing, type Passwords } from '../lib/auth/passwords.ts';
import { firstSession } from '../lib/auth/sessions.ts';
import { type Found, type OperatorsTable, operatorsTable } from '../lib/tables/operators.ts';
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

type Wanted = { readonly username: string; readonly password: string };

/**
 * Makes the operator, enabled, an administrator with this password. Doing it again changes nothing: who has the
 * password stays signed in.
 * @throws Error saying what is wrong with the name or the password
 */
export async function createAdministrator(
  operators: OperatorsTable,
  { username, password }: Wanted,
  { passwords = hashing(), now = Date.now }: { passwords?: Passwords; now?: () => number } = {},
): Promise<void> {
  if (!/^[a-z0-9._-]{3,32}$/.test(username)) throw new Error('The username must be 3–32 of a-z 0-9 . _ -');
  const fault = checkNewPassword(password, username);
  if (fault !== undefined) throw new Error(`The password ${fault}`);
  const found = await operators.withPassword(username);
  const isDone = found
    ? await renew(operators, found, password, passwords)
    : await operators.create({
        username,
        display_name: username,
        password: await passwords.hash(password),
        password_chosen_by: username,
        permissions: [],
        disabled: false,
        session: firstSession(),
        created_at: new Date(now()).toISOString(),
      });
  if (!isDone || !(await promote(operators, username))) {
    throw new Error(`Somebody else changed ${username} at this moment; try again`);
  }
}

/** Unless somebody else has set another password since. */
async function promote(operators: OperatorsTable, username: string): Promise<boolean> {
  const { operator, administrator } = (await operators.byUsername(username)) ?? {};
  if (operator?.password_chosen_by !== username) return false;
  return administrator || operators.makeAdministrator(username, { session: operator.session });
}

/** The password counts as the operator's own choice. */
async function renew(
  operators: OperatorsTable,
  { operator, password: hash }: Found & { password: string },
  password: string,
  passwords: Passwords,
) {
  const { username, disabled } = operator;
  const isSame = await passwords.matches(password, hash);
  return operators.change(username, {
    password_chosen_by: username,
    ...(disabled && { disabled: false }),
    ...(!isSame && { password: await passwords.hash(password) }),
  });
}

/** Twenty characters, 120 bits. */
export const newPassword = (): string => randomBytes(15).toString('base64url');

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
