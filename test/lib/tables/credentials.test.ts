import { type Credential, credentialsTable } from '../../../lib/tables/credentials.ts';
import { database, makeTables, tableNamed } from '../../support/tables.ts';

const NOW = 1_800_000_000_000;
const FAILURE = { reason: 'refused', errcode: 40164, errmsg: 'invalid ip', detail: 'Add the address.' } as const;

let apps = 0;
const aTable = (appId = `wx${++apps}`) => credentialsTable(database(), tableNamed('credentials'), appId);
const read = (table: ReturnType<typeof aTable>) => table.read({ consistent: true });

/** Takes the lease as somebody who has just looked. */
async function lease(table: ReturnType<typeof aTable>, now = NOW): Promise<string> {
  const taken = await table.takeLease(await read(table), now);
  if (taken === undefined) throw new Error('somebody else has the lease');
  return taken;
}

beforeAll(makeTables);

it('has nothing at first', async () => {
  expect(await aTable().read()).toEqual({});
});

it('keeps a token and who asked for it', async () => {
  const table = aTable();
  const mine = await lease(table);
  expect(await table.keep(mine, { token: 'T1', expires_at: NOW + 7_200_000 })).toBe(true);
  expect(await read(table)).toMatchObject({ access_token: 'T1', expires_at: NOW + 7_200_000, lease: mine });
});

it("keeps one account's token apart from another's", async () => {
  const [one, other] = [aTable(), aTable()];
  await one.keep(await lease(one), { token: 'T1', expires_at: NOW });
  expect(await read(other)).toEqual({});
});

describe('the lease', () => {
  it('lasts ten seconds and leaves the token in place', async () => {
    const table = aTable();
    await table.keep(await lease(table), { token: 'T1', expires_at: NOW + 1 });
    await lease(table);
    expect(await read(table)).toMatchObject({ access_token: 'T1', expires_at: NOW + 1, lease_until: NOW + 10_000 });
  });

  it('goes to one of many who saw the same', async () => {
    const table = aTable();
    const seen = await read(table);
    const taken = await Promise.all(Array.from({ length: 20 }, () => table.takeLease(seen, NOW)));
    expect(taken.filter((each) => each !== undefined)).toHaveLength(1);
  });

  it('is not given to someone who looked before the last call was answered', async () => {
    const table = aTable();
    const seen: Credential = await read(table);
    await table.keep(await lease(table), { token: 'T1', expires_at: NOW });
    expect(await table.takeLease(seen, NOW)).toBeUndefined();
    expect(await table.takeLease(await read(table), NOW)).toEqual(expect.any(String));
  });

  it('ends with the token, and with the failure', async () => {
    const table = aTable();
    await table.keep(await lease(table), { token: 'T1', expires_at: NOW });
    expect(await read(table)).not.toHaveProperty('lease_until');
    await table.keepFailure(await lease(table), FAILURE, NOW);
    expect(await read(table)).not.toHaveProperty('lease_until');
  });

  it('once passed on, lets its former holder keep nothing', async () => {
    const table = aTable();
    const former = await lease(table);
    await table.keep(await lease(table, NOW + 10_000), { token: 'new', expires_at: NOW });
    expect(await table.keep(former, { token: 'old', expires_at: NOW })).toBe(false);
    expect(await table.keepFailure(former, FAILURE, NOW)).toBe(false);
    expect(await read(table)).toMatchObject({ access_token: 'new' });
    expect(await read(table)).not.toHaveProperty('failure');
  });
});

it('keeps a failure beside the token, until the next token', async () => {
  const table = aTable();
  await table.keep(await lease(table), { token: 'T1', expires_at: NOW });
  await table.keepFailure(await lease(table), FAILURE, NOW + 60_000);
  expect(await read(table)).toMatchObject({ access_token: 'T1', failure: { ...FAILURE, until: NOW + 60_000 } });
  await table.keep(await lease(table), { token: 'T2', expires_at: NOW });
  expect(await read(table)).not.toHaveProperty('failure');
});

it('remembers that a refused token came back, until another comes', async () => {
  const table = aTable();
  await table.keep(await lease(table), { token: 'T1', expires_at: NOW, refused_until: NOW + 60_000, refused_times: 7 });
  expect(await read(table)).toMatchObject({ refused_until: NOW + 60_000, refused_times: 7 });
  await table.keep(await lease(table), { token: 'T2', expires_at: NOW });
  expect(await read(table)).toMatchObject({ refused_until: 0, refused_times: 0 });
});
