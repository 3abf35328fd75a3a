import { runCreateAdministrator } from '../../commands/create-administrator.ts';
import { createAdministrator, newPassword } from '../../lib/operators/administrator.ts';
import { hashing } from '../../lib/operators/passwords.ts';
import { operatorsTable } from '../../lib/tables/operators.ts';
import { CANARY } from '../support/canary.ts';
import { database, makeTables, tableNamed } from '../support/tables.ts';

const operators = operatorsTable(database(), tableNamed('operators'));
const passwords = hashing({ cost: 4 });
const password = `a good password ${CANARY}`;

const create = (username: string, its = password) =>
  createAdministrator(operators, { username, password: its }, { passwords, now: () => 0 });

const passwordMatches = async (username: string, offered: string) =>
  passwords.matches(offered, (await operators.withPassword(username))?.password);

/** Runs the command as somebody at a terminal would who types `typed`. */
async function run(args: string[], typed = '') {
  const printed: string[] = [];
  const code = await runCreateAdministrator(args, {
    env: process.env,
    print: (line) => printed.push(line),
    ask: async () => typed,
  });
  return { code, printed: printed.join('\n') };
}

beforeAll(makeTables);

describe('an administrator', () => {
  it('is made with the password', async () => {
    await create('first');

    expect(await operators.byUsername('first')).toMatchObject({
      administrator: true,
      operator: { username: 'first', permissions: [], disabled: false, created_at: '1970-01-01T00:00:00.000Z' },
    });
    expect(await passwordMatches('first', password)).toBe(true);
  });

  it('made again with the same password stays signed in', async () => {
    await create('again');
    const before = await operators.byUsername('again');
    await create('again');

    expect(before).toMatchObject({ administrator: true });
    expect(await operators.byUsername('again')).toEqual(before);
  });

  it('made after one of that name was deleted is not open to the tokens of that one', async () => {
    await create('reborn');
    const deleted = await operators.byUsername('reborn');
    await operators.remove('reborn');
    await create('reborn');

    expect((await operators.byUsername('reborn'))?.operator.session).not.toBe(deleted?.operator.session);
  });

  it('made again with another password has that one, and is signed out', async () => {
    await create('other');
    const session = (await operators.byUsername('other'))?.operator.session ?? 0;
    await create('other', 'another good password');

    expect(await passwordMatches('other', 'another good password')).toBe(true);
    expect(await operators.byUsername('other')).toMatchObject({ operator: { session: session + 1 } });
  });

  it('has a password of their own choice, also one that another operator had chosen', async () => {
    await create('own');
    await operators.change('own', { password_chosen_by: 'somebody-else' });
    const before = await operators.byUsername('own');
    await create('own');

    expect(await operators.byUsername('own')).toMatchObject({
      administrator: true,
      operator: { password_chosen_by: 'own', session: before?.operator.session },
    });
  });

  it('is what an operator becomes, even a disabled one', async () => {
    await operators.create({
      username: 'operator',
      display_name: '小明',
      password: await passwords.hash('forgotten'),
      permissions: ['tags:read'],
      disabled: true,
      session: 5,
      created_at: '2026-01-01T00:00:00.000Z',
    });

    await create('operator');

    expect(await operators.byUsername('operator')).toMatchObject({
      administrator: true,
      operator: { display_name: '小明', permissions: ['tags:read'], disabled: false },
    });
    expect(await passwordMatches('operator', password)).toBe(true);
  });

  it.each([
    ['Admin', password, 'The username must be 3–32 of a-z 0-9 . _ -'],
    ['weak', 'password123', 'The password is among the most common passwords'],
    ['short', 'k7#pQz', 'The password must have at least 10 characters'],
  ])('named %s with %j is refused', async (username, its, message) => {
    await expect(create(username, its)).rejects.toThrow(message);
    expect(await operators.byUsername(username)).toBeUndefined();
  });
});

describe('npm run create-administrator', () => {
  it('makes a password when none is typed, and prints it once', async () => {
    const { code, printed } = await run(['--stage', 'local', '--username', 'printed']);

    const [, made = ''] = /shown this once: (\S+)/.exec(printed) ?? [];
    expect(code).toBe(0);
    expect(made).toHaveLength(newPassword().length);
    expect(await passwordMatches('printed', made)).toBe(true);
  });

  it('takes the password that is typed, and does not print it', async () => {
    const { printed } = await run(['--stage', 'local', '--username', 'typed'], password);

    expect(printed).toBe('typed is an administrator of the stage local.');
    expect(await passwordMatches('typed', password)).toBe(true);
  });

  it('says how it is used when no stage is given', async () => {
    const { code, printed } = await run([]);

    expect(code).toBe(2);
    expect(printed).toMatch(/^--stage is missing\n\n.*--stage prod/);
  });
});
