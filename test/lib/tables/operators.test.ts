import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type NewOperator, operatorsTable } from '../../../lib/tables/operators.ts';
import { anOperator as operator } from '../../support/operators.ts';
import { database, makeTables, tableNamed } from '../../support/tables.ts';

const operators = operatorsTable(database(), tableNamed('operators'));

const anOperator = (username: string, but: Partial<NewOperator> = {}): NewOperator =>
  operator(username, { permissions: ['tags:read'], ...but });

/** All that is kept of an operator, with the password. */
async function stored(username: string): Promise<NewOperator | undefined> {
  const found = await operators.withPassword(username);
  return found && { ...found.operator, password: found.password };
}

beforeAll(makeTables);

describe('an operator', () => {
  it('comes back as it was created', async () => {
    await operators.create(anOperator('ming', { permissions: [] }));

    const { password, ...operator } = anOperator('ming', { permissions: [] });
    expect(await operators.withPassword('ming')).toEqual({ operator, administrator: false, password });
    expect(await operators.byUsername('ming')).toEqual({ operator, administrator: false });
  });

  it('is undefined if there is none of that name', async () => {
    expect(await operators.byUsername('nobody')).toBeUndefined();
  });

  it('keeps its name to itself, also when two ask at once', async () => {
    const created = await Promise.all([1, 2, 3].map((session) => operators.create(anOperator('twice', { session }))));

    expect(created.filter(Boolean)).toHaveLength(1);
  });

  it('is listed by name, page by page', async () => {
    for (const name of ['list-c', 'list-a', 'list-b']) await operators.create(anOperator(name));

    const names: string[] = [];
    let after: string | undefined;
    do {
      const page = await operators.list({ limit: 2, after });
      expect(page.operators.length).toBeLessThanOrEqual(2);
      names.push(...page.operators.map(({ username }) => username));
      after = page.after;
    } while (after !== undefined);

    expect(names.filter((name) => name.startsWith('list-'))).toEqual(['list-a', 'list-b', 'list-c']);
    expect(new Set(names).size).toBe(names.length);
  });

  it('is gone when removed, once', async () => {
    await operators.create(anOperator('leaving'));

    expect(await operators.remove('leaving', { permissions: ['menu:write'] })).toBe(false);
    expect(await operators.remove('leaving', { permissions: ['tags:read'] })).toBe(true);
    expect(await operators.remove('leaving')).toBe(false);
    expect(await stored('leaving')).toBeUndefined();
  });
});

describe('a change', () => {
  it('touches what it names and no session', async () => {
    await operators.create(anOperator('changed'));

    expect(await operators.change('changed', { display_name: '大明' }, { permissions: ['tags:read'] })).toBe(true);

    expect(await stored('changed')).toEqual(anOperator('changed', { display_name: '大明' }));
  });

  it('that changes nothing succeeds', async () => {
    await operators.create(anOperator('unchanged'));

    expect(await operators.change('unchanged', {}, { permissions: ['tags:read'] })).toBe(true);

    expect(await stored('unchanged')).toEqual(anOperator('unchanged'));
  });

  it('does not happen to somebody who was granted more meanwhile', async () => {
    await operators.create(anOperator('risen'));
    await operators.change('risen', { permissions: ['tags:read', 'menu:write'] }, { permissions: ['tags:read'] });

    expect(await operators.change('risen', { disabled: true }, { permissions: ['tags:read'] })).toBe(false);
    expect(await operators.change('risen', { password: 'scrypt$new' }, { permissions: ['tags:read'] })).toBe(false);

    expect(await stored('risen')).toEqual(anOperator('risen', { permissions: ['tags:read', 'menu:write'] }));
  });

  it('takes a permission that the service no longer knows for none', async () => {
    const old = { ...anOperator('veteran'), permissions: ['tags:read', 'fax:send'] } as unknown as NewOperator;
    await operators.create(old);

    expect(await stored('veteran')).toEqual(anOperator('veteran'));
    expect(await operators.change('veteran', { permissions: [] }, { permissions: ['tags:read'] })).toBe(true);
  });

  it('is read from a row of another version, with fewer attributes or more', async () => {
    const { display_name: _name, created_at: _time, ...row } = anOperator('older');
    const Item = { pk: 'operator', sk: 'older', ...row, from_a_later_version: { a: 1 } };
    await database().send(new PutCommand({ TableName: tableNamed('operators'), Item }));

    expect(await stored('older')).toEqual({ ...row, display_name: 'older', created_at: '' });
    expect(await operators.change('older', { display_name: '老' })).toBe(true);
    expect((await operators.list({ limit: 100 })).operators).toContainEqual(
      expect.objectContaining({ display_name: '老' }),
    );
  });

  it('is not read from a row that is none of an operator', async () => {
    const put = new PutCommand({
      TableName: tableNamed('operators'),
      Item: { pk: 'operator', sk: 'broken', session: 'x' },
    });
    await database().send(put);

    await expect(operators.byUsername('broken')).rejects.toThrow('username');
    await database().send(
      new DeleteCommand({ TableName: tableNamed('operators'), Key: { pk: 'operator', sk: 'broken' } }),
    );
  });

  it('does not happen to somebody who became an administrator meanwhile', async () => {
    const seen = { permissions: ['tags:read'] as const, administrator: false };
    await operators.create(anOperator('promoted'));
    await operators.makeAdministrator('promoted');

    expect(await operators.change('promoted', { password: 'scrypt$new' }, seen)).toBe(false);
    expect(await operators.remove('promoted', seen)).toBe(false);
    expect(await operators.change('promoted', { password: 'scrypt$new' }, { ...seen, administrator: true })).toBe(true);
  });

  it('of the password may ask that no session ended meanwhile', async () => {
    await operators.create(anOperator('meanwhile'));

    expect(await operators.change('meanwhile', { password: 'scrypt$one' }, { session: 1 })).toBe(true);
    expect(await operators.change('meanwhile', { password: 'scrypt$two' }, { session: 1 })).toBe(false);
    expect(await stored('meanwhile')).toMatchObject({ password: 'scrypt$one', session: 2 });
  });

  it('makes no operator', async () => {
    expect(await operators.change('ghost', { disabled: false }, { permissions: [] })).toBe(false);
    expect(await operators.change('ghost', { password: 'scrypt$new' })).toBe(false);
    expect(await operators.endSessions('ghost')).toBe(false);
    expect(await stored('ghost')).toBeUndefined();
  });

  it('to disabled, to the password and a sign-out end the sessions', async () => {
    await operators.create(anOperator('session'));

    await operators.change('session', { disabled: true }, { permissions: ['tags:read'] });
    expect(await stored('session')).toMatchObject({ session: 2, disabled: true });
    await operators.change('session', { disabled: false }, { permissions: ['tags:read'] });
    expect(await stored('session')).toMatchObject({ session: 2, disabled: false });
    await operators.change('session', { password: 'scrypt$new' });
    expect(await stored('session')).toMatchObject({ session: 3, password: 'scrypt$new' });
    await operators.endSessions('session');
    expect(await stored('session')).toMatchObject({ session: 4 });
  });
});

describe('the administrators', () => {
  it('are whoever was made one', async () => {
    await operators.create(anOperator('first'));
    expect(await operators.makeAdministrator('first')).toBe(true);
    expect(await operators.makeAdministrator('first')).toBe(true);

    expect(await operators.administrators()).toContain('first');
    expect(await operators.byUsername('first')).toMatchObject({ administrator: true });
  });

  it('begin with no session from before, and with nothing that has changed meanwhile', async () => {
    await operators.create(anOperator('rising'));

    expect(await operators.makeAdministrator('rising', { session: 2 })).toBe(false);
    expect(await operators.byUsername('rising')).toMatchObject({ administrator: false });
    expect(await operators.makeAdministrator('rising', { session: 1 })).toBe(true);
    expect(await stored('rising')).toMatchObject({ session: 2 });
  });

  it('are operators who are there and not disabled', async () => {
    await operators.create(anOperator('asleep', { disabled: true }));

    expect(await operators.makeAdministrator('asleep')).toBe(false);
    expect(await operators.makeAdministrator('nobody')).toBe(false);

    const names = await operators.administrators();
    expect([...names]).not.toContain('asleep');
    expect([...names]).not.toContain('nobody');
  });

  it('lose no last one, though all leave at once', async () => {
    for (const name of ['second', 'third', 'fourth']) {
      await operators.create(anOperator(name));
      await operators.makeAdministrator(name);
    }
    const names = [...(await operators.administrators())];

    const left = await Promise.all(names.map((name) => operators.leaveAdministrators(name)));

    expect(left.filter(Boolean)).toHaveLength(names.length - 1);
    expect((await operators.administrators()).size).toBe(1);
    const [last = ''] = await operators.administrators();
    expect(await operators.leaveAdministrators(last)).toBe(false);
    expect(await operators.administrators()).toEqual(new Set([last]));
  });

  it('are left at once by somebody who is none', async () => {
    expect(await operators.leaveAdministrators('nobody')).toBe(true);
  });
});
