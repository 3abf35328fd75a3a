import { accounts } from '../../functions/operators/accounts.ts';
import { handler as deployed, operators } from '../../functions/operators/handler.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint } from '../../lib/http/endpoint.ts';
import { hashing } from '../../lib/operators/passwords.ts';
import { PERMISSIONS, type Permission } from '../../lib/operators/permissions.ts';
import { attemptsTable } from '../../lib/tables/attempts.ts';
import { signedIn, startAccount, tokenOf } from '../support/account.ts';
import { CANARY } from '../support/canary.ts';
import { call } from '../support/events.ts';
import { makeTables, tableNamed } from '../support/tables.ts';

const BASE = '/api/v0.1/operators';
const PASSWORD = `${CANARY} and nine more words`;

const office = backOffice();
const passwords = hashing({ cost: 4 });
const attempts = attemptsTable(office.db, tableNamed('operators'));
const withRegistration = (registration: 'open' | 'closed') =>
  endpoint(operators({ accounts: accounts({ ...office, passwords }), attempts, registration }), office);
const handler = withRegistration('closed');

type Answer = { operator?: Record<string, unknown>; detail?: string; errmsg?: string };
type RequestOptions = { token: string; body?: unknown; query?: Record<string, string> };

/** Status and body of a request to `/operators…`. */
async function ask(request: string, asked: RequestOptions) {
  const [method, path = ''] = request.split(' ');
  const { status, json } = await call(handler, `${method} ${BASE}${path}`, asked);
  return { status, ...(json as Answer) };
}

let root: string;
let account: Awaited<ReturnType<typeof startAccount>> | undefined;
let names = 0;

/** As if they had changed the password that another operator chose. */
const owns = (username: string) => office.operators.change(username, { password_chosen_by: username });

/** A new operator, made by an administrator, whose password is their own by now. */
async function made(but: { permissions?: Permission[]; administrator?: boolean } = {}): Promise<string> {
  const username = `made-${++names}`;
  const { status } = await ask('POST ', { token: root, body: { username, password: PASSWORD, ...but } });
  expect(status).toBe(200);
  await owns(username);
  return username;
}

const passwordIs = async (username: string, password: string): Promise<boolean> =>
  passwords.matches(password, (await office.operators.withPassword(username))?.password);

const isSignedIn = async (token: string): Promise<boolean> => (await office.authenticate(token)) !== undefined;

beforeAll(async () => {
  await makeTables();
  root = await signedIn();
});
afterAll(() => account?.stop());

describe('POST /operators', () => {
  it('makes an operator and shows no password', async () => {
    const body = {
      username: 'ming',
      password: PASSWORD,
      display_name: ' 小明 ',
      permissions: ['tags:write', 'tags:read'],
    };
    const { status, operator } = await ask('POST ', { token: root, body });
    expect({ status, operator }).toEqual({
      status: 200,
      operator: {
        username: 'ming',
        display_name: '小明',
        administrator: false,
        permissions: ['tags:read', 'tags:write'],
        must_change_password: true,
        disabled: false,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      },
    });
    expect(await passwordIs('ming', PASSWORD)).toBe(true);
  });

  it('makes an administrator when an administrator asks', async () => {
    const username = await made({ administrator: true });
    expect((await ask(`GET /${username}`, { token: root })).operator).toMatchObject({ administrator: true });
  });

  it('gives a name once, also when two ask at once', async () => {
    const body = { username: 'twice', password: PASSWORD };
    const asked = await Promise.all([ask('POST ', { token: root, body }), ask('POST ', { token: root, body })]);
    expect(asked.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(asked.find(({ status }) => status === 409)).toMatchObject({ errmsg: 'the username is taken' });
  });

  it.each<[string, object, string]>([
    ['no username', { password: PASSWORD }, 'username is missing'],
    ['a short username', { username: 'ab', password: PASSWORD }, 'username: must be 3–32'],
    ['capitals', { username: 'Ming2', password: PASSWORD }, 'username: must be 3–32'],
    ['no password', { username: 'hong' }, 'password is missing'],
    ['a short password', { username: 'hong', password: '123456789' }, 'password: must have at least 10 characters'],
    [
      'the username as password',
      { username: 'hong.hong.', password: 'Hong.Hong.' },
      'password: must not be the username',
    ],
    [
      'an unknown permission',
      { username: 'hong', password: PASSWORD, permissions: ['all'] },
      'permissions[0]: must be',
    ],
    ['an unknown field', { username: 'hong', password: PASSWORD, admin: true }, 'admin'],
    ['an empty display name', { username: 'hong', password: PASSWORD, display_name: ' ' }, 'display_name: must not'],
  ])('names the field: %s', async (_, body, detail) => {
    const answer = await ask('POST ', { token: root, body });
    expect(answer).toMatchObject({ status: 400, errcode: -1, detail: expect.stringContaining(detail) });
  });

  it('lets a manager give what they hold and nothing else', async () => {
    const token = await signedIn(['operators:manage', 'tags:read']);
    const body = { username: 'by-manager', password: PASSWORD };
    const permissions = ['tags:read', 'menu:read'];
    expect(await ask('POST ', { token, body: { ...body, permissions } })).toMatchObject({
      status: 403,
      detail: 'you do not hold: menu:read',
    });
    expect(await ask('POST ', { token, body: { ...body, administrator: true } })).toMatchObject({ status: 403 });
    expect(await office.operators.byUsername('by-manager')).toBeUndefined();
    expect(await ask('POST ', { token, body: { ...body, permissions: ['tags:read'] } })).toMatchObject({ status: 200 });
  });
});

describe('GET /operators', () => {
  it('lists all, page by page, and who is an administrator, and never a hash', async () => {
    const seen: Record<string, unknown>[] = [];
    for (let query: Record<string, string> | undefined = { limit: '3' }; query !== undefined; ) {
      const { json, body } = await call(handler, `GET ${BASE}`, { token: root, query });
      expect(body).not.toMatch(/scrypt|"session"|"password"/);
      const page = json as { operators: Record<string, unknown>[]; next_cursor?: string };
      seen.push(...page.operators);
      query = page.next_cursor === undefined ? undefined : { limit: '3', cursor: page.next_cursor };
    }
    const usernames = seen.map(({ username }) => username);
    expect(usernames).toEqual([...new Set(usernames)].sort());
    expect(usernames).toEqual(expect.arrayContaining(['ming', 'operator-1']));
    expect(seen.find(({ username }) => username === 'operator-1')).toMatchObject({ administrator: true });
    expect(seen.find(({ username }) => username === 'ming')).toMatchObject({ administrator: false });
  });

  it('says which permissions there are and which of them the asker may grant', async () => {
    const { json } = await call(handler, `GET ${BASE}`, { token: await signedIn(['operators:manage']) });
    const { permissions } = json as { permissions: { name: Permission; description: string; grantable: boolean }[] };
    expect(permissions.map(({ name, description }) => [name, description])).toEqual(Object.entries(PERMISSIONS));
    expect(permissions.filter(({ grantable }) => grantable).map(({ name }) => name)).toEqual(['operators:manage']);
  });

  it.each([{ limit: '0' }, { limit: '101' }, { limit: 'ten' }, { cursor: 'x' }])('refuses %o', async (query) => {
    expect(await ask('GET ', { token: root, query })).toMatchObject({ status: 400, errcode: -1 });
  });
});

describe('GET /operators/{username}', () => {
  it('answers 404 for nobody', async () => {
    for (const name of ['nobody', 'n'.repeat(1_025), '小明', '-']) {
      expect(await ask(`GET /${name}`, { token: root })).toMatchObject({ status: 404, errmsg: 'no such operator' });
    }
  });
});

describe('PATCH /operators/{username}', () => {
  it('changes what is named and leaves the rest', async () => {
    const username = await made({ permissions: ['tags:read'] });
    const { operator } = await ask(`PATCH /${username}`, { token: root, body: { display_name: '新名' } });
    expect(operator).toMatchObject({ display_name: '新名', permissions: ['tags:read'], disabled: false });
  });

  it('gives and takes with the next request, in the same session', async () => {
    const username = await made();
    const token = await tokenOf(username);
    const permissions = async () => (await office.authenticate(token))?.permissions;
    await ask(`PATCH /${username}`, { token: root, body: { permissions: ['tags:read'] } });
    expect(await permissions()).toEqual(['tags:read']);
    await ask(`PATCH /${username}`, { token: root, body: { permissions: [] } });
    expect(await permissions()).toEqual([]);
  });

  it('ends the sessions of whoever is disabled, for good', async () => {
    const username = await made();
    const token = await tokenOf(username);
    await ask(`PATCH /${username}`, { token: root, body: { disabled: true } });
    expect(await isSignedIn(token)).toBe(false);
    const { operator } = await ask(`PATCH /${username}`, { token: root, body: { disabled: false } });
    expect(operator).toMatchObject({ disabled: false });
    expect(await isSignedIn(token)).toBe(false);
    expect(await isSignedIn(await tokenOf(username))).toBe(true);
  });

  it('resets a password and ends the sessions', async () => {
    const username = await made();
    const token = await tokenOf(username);
    await ask(`PATCH /${username}`, { token: root, body: { password: `${PASSWORD}, another` } });
    expect(await isSignedIn(token)).toBe(false);
    expect(await passwordIs(username, `${PASSWORD}, another`)).toBe(true);
  });

  it('names a password that will not do', async () => {
    const answer = await ask(`PATCH /${await made()}`, { token: root, body: { password: 'password123' } });
    expect(answer).toMatchObject({ status: 400, detail: expect.stringContaining('password is among') });
  });

  it('makes and unmakes an administrator', async () => {
    const username = await made();
    const raised = await ask(`PATCH /${username}`, { token: root, body: { administrator: true } });
    expect(raised.operator).toMatchObject({ administrator: true });
    const lowered = await ask(`PATCH /${username}`, { token: root, body: { administrator: false } });
    expect(lowered.operator).toMatchObject({ administrator: false });
  });

  it('makes no administrator of somebody disabled, nor both at once', async () => {
    const username = await made();
    const both = await ask(`PATCH /${username}`, { token: root, body: { administrator: true, disabled: true } });
    expect(both).toMatchObject({ status: 409, errmsg: 'an administrator cannot be disabled' });
    await ask(`PATCH /${username}`, { token: root, body: { disabled: true } });
    expect(await ask(`PATCH /${username}`, { token: root, body: { administrator: true } })).toMatchObject({
      status: 409,
    });
    const back = await ask(`PATCH /${username}`, { token: root, body: { administrator: true, disabled: false } });
    expect(back.operator).toMatchObject({ administrator: true, disabled: false });
  });

  it('takes the office from an administrator who is disabled', async () => {
    const username = await made({ administrator: true });
    const { operator } = await ask(`PATCH /${username}`, { token: root, body: { disabled: true } });
    expect(operator).toMatchObject({ administrator: false, disabled: true });
    const back = await ask(`PATCH /${username}`, { token: root, body: { disabled: false } });
    expect(back.operator).toMatchObject({ administrator: false });
  });

  it('answers 404 for nobody and 400 for a field there is not', async () => {
    expect(await ask('PATCH /nobody', { token: root, body: {} })).toMatchObject({ status: 404 });
    const answer = await ask(`PATCH /${await made()}`, { token: root, body: { role: 'administrator' } });
    expect(answer).toMatchObject({ status: 400, detail: expect.stringContaining('role') });
  });
});

describe('becoming an administrator', () => {
  it('ends the sessions of before, and only once', async () => {
    const username = await made();
    const token = await tokenOf(username);
    await ask(`PATCH /${username}`, { token: root, body: { administrator: true } });
    expect(await isSignedIn(token)).toBe(false);

    const since = await tokenOf(username);
    await ask(`PATCH /${username}`, { token: root, body: { administrator: true, display_name: 'still' } });
    expect(await isSignedIn(since)).toBe(true);
  });

  it('does not happen to an account whose password a manager chose, until its owner has changed it', async () => {
    const token = await signedIn(['operators:manage']);
    await ask('POST ', { token, body: { username: 'straw', password: PASSWORD } });

    const refused = await ask('PATCH /straw', { token: root, body: { administrator: true } });
    expect(refused).toMatchObject({
      status: 409,
      errmsg: 'the password is known to another operator',
      detail: expect.stringContaining('chose the password of straw and lacks the rights of an administrator'),
    });
    expect(await office.operators.byUsername('straw')).toMatchObject({ administrator: false });

    await owns('straw');
    expect(await ask('PATCH /straw', { token: root, body: { administrator: true } })).toMatchObject({ status: 200 });
  });

  it('is possible at once with a password of the administrator’s', async () => {
    const token = await signedIn(['operators:manage']);
    await ask('POST ', { token, body: { username: 'straw-2', password: PASSWORD } });
    const body = { administrator: true, password: `${PASSWORD}, another` };
    const { operator } = await ask('PATCH /straw-2', { token: root, body });
    expect(operator).toMatchObject({ administrator: true, must_change_password: true });
    expect(await passwordIs('straw-2', `${PASSWORD}, another`)).toBe(true);
  });

  it('comes too late when a manager resets the password meanwhile', async () => {
    const username = await made();
    const table = office.operators;
    const makeAdministrator: typeof table.makeAdministrator = async (...given) => {
      await table.change(username, { password: 'none', password_chosen_by: 'a-manager' });
      return table.makeAdministrator(...given);
    };
    const late = accounts({ operators: { ...table, makeAdministrator }, passwords });
    const chief = { username: 'chief', display_name: '', administrator: true, permissions: [] };
    await expect(
      late.change({ ...chief, must_change_password: false }, username, { administrator: true }),
    ).rejects.toThrow('changed meanwhile');
    expect(await table.byUsername(username)).toMatchObject({ administrator: false });
  });
});

describe('a password that another operator chose', () => {
  const me = (token: string) => office.authenticate(token);

  it('is whoever creates or resets; one’s own is that of whoever registers or changes it', async () => {
    await ask('POST ', { token: root, body: { username: 'chosen', password: PASSWORD } });
    expect(await me(await tokenOf('chosen'))).toMatchObject({ must_change_password: true });
    await owns('chosen');
    expect((await ask('GET /chosen', { token: root })).operator).toMatchObject({ must_change_password: false });
    await ask('PATCH /chosen', { token: root, body: { password: `${PASSWORD}, another` } });
    expect((await ask('GET /chosen', { token: root })).operator).toMatchObject({ must_change_password: true });
    const body = { username: 'registered', password: PASSWORD };
    await call(withRegistration('open'), `POST ${BASE}/register`, { body, address: '203.0.113.90' });
    expect(await me(await tokenOf('registered'))).toMatchObject({ must_change_password: false });
  });

  it('lets the account gain nothing that its chooser lacks', async () => {
    const token = await signedIn(['operators:manage', 'tags:read']);
    await ask('POST ', { token, body: { username: 'gaining', password: PASSWORD } });
    const grant = (permissions: Permission[], by: string) =>
      ask('PATCH /gaining', { token: by, body: { permissions } });

    expect(await grant(['tags:read', 'menu:write'], root)).toMatchObject({
      status: 409,
      detail: expect.stringContaining('lacks menu:write'),
    });
    expect(await grant(['tags:read'], root)).toMatchObject({ status: 200 });
    await owns('gaining');
    expect(await grant(['tags:read', 'menu:write'], root)).toMatchObject({ status: 200 });
  });

  it('lets it gain nothing either once the chooser is gone or disabled', async () => {
    const chooser = await made({ permissions: ['operators:manage', 'tags:read'] });
    await ask('POST ', { token: await tokenOf(chooser), body: { username: 'orphan', password: PASSWORD } });
    const grant = () => ask('PATCH /orphan', { token: root, body: { permissions: ['tags:read'] } });
    await ask(`PATCH /${chooser}`, { token: root, body: { disabled: true } });
    expect(await grant()).toMatchObject({ status: 409 });
    await ask(`DELETE /${chooser}`, { token: root });
    expect(await grant()).toMatchObject({ status: 409 });
  });

  it('is in the audit by the field’s name', async () => {
    const username = await made();
    await ask(`PATCH /${username}`, { token: root, body: { password: `${PASSWORD}, another`, display_name: 'x' } });
    const { entries } = await office.audit.newestFirst({ from: 0, before: Date.now() + 1, limit: 100 });
    const entry = entries.find(({ target, fields }) => target === username && fields !== undefined);
    expect(entry?.fields).toEqual(['display_name', 'password']);
    expect(JSON.stringify(entries)).not.toContain(CANARY);
  });
});

describe('somebody whom an administrator disabled', () => {
  const HELD: Permission[] = ['operators:manage', 'tags:read'];
  const disabledBy = async (token: string): Promise<string> => {
    const username = await made({ permissions: ['tags:read'] });
    expect(await ask(`PATCH /${username}`, { token, body: { disabled: true } })).toMatchObject({ status: 200 });
    return username;
  };

  it.each([
    ['enabled', 'PATCH', { disabled: false }],
    ['enabled with a new password', 'PATCH', { disabled: false, password: `${PASSWORD}, another` }],
    ['disabled anew, which would be undone', 'PATCH', { disabled: true }],
    ['deleted, to be made anew', 'DELETE', undefined],
  ])('is not %s by a manager', async (_, method, body) => {
    const username = await disabledBy(root);
    const before = await office.operators.byUsername(username);
    const answer = await ask(`${method} /${username}`, { token: await signedIn(HELD), body });
    expect(answer).toMatchObject({ status: 403, detail: `${username} was disabled by an administrator` });
    expect(await office.operators.byUsername(username)).toEqual(before);
  });

  it('stays so when that administrator is none any more, or gone', async () => {
    const chief = await made({ administrator: true });
    const username = await disabledBy(await tokenOf(chief));
    const enable = async () => ask(`PATCH /${username}`, { token: await signedIn(HELD), body: { disabled: false } });
    await ask(`PATCH /${chief}`, { token: root, body: { administrator: false, permissions: HELD } });
    expect(await enable()).toMatchObject({ status: 403 });
    const token = await tokenOf(chief);
    expect(await ask(`PATCH /${username}`, { token, body: { disabled: false } })).toMatchObject({ status: 403 });
    await ask(`DELETE /${chief}`, { token: root });
    expect(await enable()).toMatchObject({ status: 403 });
    expect(await ask(`PATCH /${username}`, { token: root, body: { disabled: false } })).toMatchObject({ status: 200 });
  });

  it('stays so when it is not known who disabled them', async () => {
    const username = await made({ permissions: ['tags:read'] });
    await office.operators.change(username, { disabled: true });
    const body = { disabled: false };
    expect(await ask(`PATCH /${username}`, { token: await signedIn(HELD), body })).toMatchObject({ status: 403 });
  });

  it('is told from somebody whom a manager disabled, whom any manager enables', async () => {
    const username = await disabledBy(await signedIn(HELD));
    const shown = (await ask(`GET /${username}`, { token: root })).operator;
    expect(shown).toMatchObject({ disabled_by: { username: expect.any(String), administrator: false } });
    const { operator } = await ask(`PATCH /${username}`, { token: await signedIn(HELD), body: { disabled: false } });
    expect(operator).toMatchObject({ disabled: false });
    expect(operator).not.toHaveProperty('disabled_by');
  });

  it('is whom an administrator disables again after a manager did', async () => {
    const username = await disabledBy(await signedIn(HELD));
    await ask(`PATCH /${username}`, { token: root, body: { disabled: true } });
    const body = { disabled: false };
    expect(await ask(`PATCH /${username}`, { token: await signedIn(HELD), body })).toMatchObject({ status: 403 });
  });
});

describe('DELETE /operators/{username}', () => {
  it('deletes, once', async () => {
    const username = await made();
    expect(await ask(`DELETE /${username}`, { token: root })).toMatchObject({ status: 200, errcode: 0, errmsg: 'ok' });
    expect(await ask(`DELETE /${username}`, { token: root })).toMatchObject({ status: 404 });
  });

  it('leaves nothing to whoever gets the name next', async () => {
    const username = await made({ administrator: true });
    const token = await tokenOf(username);
    await ask(`DELETE /${username}`, { token: root });
    await ask('POST ', { token: root, body: { username, password: PASSWORD } });
    expect(await isSignedIn(token)).toBe(false);
    expect((await ask(`GET /${username}`, { token: root })).operator).toMatchObject({
      administrator: false,
      permissions: [],
    });
  });
});

describe('a manager', () => {
  const HELD: Permission[] = ['operators:manage', 'tags:read'];
  const CHANGES = [
    ['PATCH', { display_name: 'x' }],
    ['PATCH', { disabled: true }],
    ['PATCH', { password: PASSWORD }],
    ['PATCH', { permissions: [] }],
    ['PATCH', { administrator: true }],
    ['DELETE', undefined],
  ] as const;
  const ABOVE = { administrator: { administrator: true }, 'more powerful': { permissions: ['menu:read' as const] } };
  const CASES = Object.entries(ABOVE).flatMap(([who, but]) => CHANGES.map((change) => [who, ...change, but] as const));

  it.each(CASES)('does nothing to somebody %s: %s %o', async (_, method, body, but) => {
    const username = await made(but);
    const token = await tokenOf(username);
    const before = await office.operators.byUsername(username);
    const answer = await ask(`${method} /${username}`, { token: await signedIn(HELD), body });
    expect(answer).toMatchObject({ status: 403, errmsg: 'not permitted', detail: expect.any(String) });
    expect(await office.operators.byUsername(username)).toEqual(before);
    expect(await isSignedIn(token)).toBe(true);
  });

  it.each<[string, object]>([
    ['permissions', { permissions: [...HELD, 'menu:read'] }],
    ['fewer permissions', { permissions: [] }],
    ['office', { administrator: true }],
    ['password', { password: PASSWORD }],
  ])('does not change their own %s', async (_, body) => {
    const username = await made({ permissions: HELD });
    const before = await office.operators.byUsername(username);
    expect(await ask(`PATCH /${username}`, { token: await tokenOf(username), body })).toMatchObject({ status: 403 });
    expect(await office.operators.byUsername(username)).toEqual(before);
  });

  it('does not rise by way of somebody they made', async () => {
    const manager = await made({ permissions: HELD });
    await ask('POST ', {
      token: await tokenOf(manager),
      body: { username: 'straw-man', password: PASSWORD, permissions: HELD },
    });
    await owns('straw-man');
    const token = await tokenOf('straw-man');
    const body = { permissions: [...HELD, 'menu:write'] };
    expect(await ask(`PATCH /${manager}`, { token, body })).toMatchObject({ status: 403 });
    expect(await ask(`PATCH /${manager}`, { token, body: { administrator: true } })).toMatchObject({ status: 403 });
  });

  /** The tables as they are, and something that happens just before a change of an operator is written. */
  function meanwhile(what: () => Promise<unknown>) {
    const late =
      <A extends unknown[], R>(write: (...given: A) => Promise<R>) =>
      async (...given: A): Promise<R> => {
        await what();
        return write(...given);
      };
    const table = office.operators;
    const { change, remove } = table;
    const slow = { ...table, change: late(change), remove: late(remove) };
    return endpoint(
      operators({ accounts: accounts({ operators: slow, passwords }), attempts, registration: 'closed' }),
      office,
    );
  }

  it.each([
    ['PATCH', { disabled: true }],
    ['PATCH', { password: `${PASSWORD}, another` }],
    ['PATCH', { permissions: [] }],
    ['DELETE', undefined],
  ])('comes too late when the other became an administrator meanwhile: %s %o', async (method, body) => {
    const username = await made({ permissions: ['tags:read'] });
    const token = await signedIn(HELD);
    const late = meanwhile(() => office.operators.makeAdministrator(username));
    const { status, json } = await call(late, `${method} ${BASE}/${username}`, { token, body });
    expect({ status, json }).toMatchObject({ status: 409, json: { errmsg: 'changed meanwhile' } });
    const found = await office.operators.byUsername(username);
    expect(found).toMatchObject({ administrator: true, operator: { disabled: false, permissions: ['tags:read'] } });
    expect(await passwordIs(username, PASSWORD)).toBe(true);
  });

  it.each([
    ['PATCH', { disabled: true }],
    ['PATCH', { password: `${PASSWORD}, another` }],
    ['DELETE', undefined],
  ])('comes too late when an administrator disabled the other meanwhile: %s %o', async (method, body) => {
    const username = await made({ permissions: ['tags:read'] });
    const disabled_by = { username: 'chief', administrator: true };
    const late = meanwhile(() => office.operators.change(username, { disabled: true, disabled_by }));
    const { status } = await call(late, `${method} ${BASE}/${username}`, { token: await signedIn(HELD), body });
    expect(status).toBe(409);
    expect(await office.operators.byUsername(username)).toMatchObject({ operator: { disabled: true, disabled_by } });
  });

  it.each([
    ['PATCH', { disabled: true }],
    ['PATCH', { password: `${PASSWORD}, another` }],
    ['DELETE', undefined],
  ])('comes too late when the other was granted more meanwhile: %s %o', async (method, body) => {
    const username = await made({ permissions: ['tags:read'] });
    const more: Permission[] = ['tags:read', 'menu:write'];
    const late = meanwhile(() => office.operators.change(username, { permissions: more }, {}));
    const { status } = await call(late, `${method} ${BASE}/${username}`, { token: await signedIn(HELD), body });
    expect(status).toBe(409);
    const found = await office.operators.byUsername(username);
    expect(found?.operator).toMatchObject({ disabled: false, permissions: more });
    expect(await passwordIs(username, PASSWORD)).toBe(true);
  });
});

describe('the last administrator', () => {
  /** Leaves these alone in the set of administrators. */
  async function administratorsAre(...usernames: string[]): Promise<void> {
    for (const name of await office.operators.administrators()) {
      if (!usernames.includes(name)) await office.operators.leaveAdministrators(name);
    }
    expect(await office.operators.administrators()).toEqual(new Set(usernames));
  }

  afterEach(async () => {
    root = await signedIn();
  });

  it.each([
    ['unmade', 'PATCH', { administrator: false }],
    ['disabled', 'PATCH', { disabled: true }],
    ['deleted', 'DELETE', undefined],
  ])('is not %s', async (_, method, body) => {
    const last = await made({ administrator: true });
    await administratorsAre(last);
    const token = await tokenOf(last);
    expect(await ask(`${method} /${last}`, { token, body })).toMatchObject({
      status: 409,
      errmsg: 'the last administrator',
    });
    expect(await office.operators.byUsername(last)).toMatchObject({
      administrator: true,
      operator: { disabled: false },
    });
    expect(await isSignedIn(token)).toBe(true);
  });

  it.each([
    ['unmake', 'PATCH', { administrator: false }],
    ['disable', 'PATCH', { disabled: true }],
    ['delete', 'DELETE', undefined],
  ])('is there though two %s each other at once', async (_, method, body) => {
    const one = await made({ administrator: true });
    const other = await made({ administrator: true });
    await administratorsAre(one, other);
    const [byOne, byOther] = await Promise.all([tokenOf(one), tokenOf(other)]);
    await Promise.all([
      ask(`${method} /${other}`, { token: byOne, body }),
      ask(`${method} /${one}`, { token: byOther, body }),
    ]);
    const left = [...(await office.operators.administrators())];
    expect(left).toHaveLength(1);
    expect(await office.operators.byUsername(left[0] ?? '')).toMatchObject({ operator: { disabled: false } });
  });
});

describe('POST /operators/register', () => {
  const REGISTER = `POST ${BASE}/register`;
  const body = { username: 'newcomer', password: PASSWORD };

  it('is closed unless it was opened, and says so before it reads anything', async () => {
    for (const closed of [handler, deployed]) {
      const { status, json } = await call(closed, REGISTER, { body: '{' });
      expect({ status, json }).toMatchObject({ status: 403, json: { detail: expect.stringContaining('closed') } });
    }
  });

  it('makes somebody who may do nothing, when open', async () => {
    const { status, json } = await call(withRegistration('open'), REGISTER, { body });
    expect({ status, json }).toMatchObject({
      status: 200,
      json: { operator: { username: 'newcomer', administrator: false, permissions: [], disabled: false } },
    });
  });

  it.each([{ permissions: ['tags:read'] }, { administrator: true }, { disabled: false }])(
    'takes no %o',
    async (wish) => {
      const asked = { ...body, username: 'greedy', ...wish };
      expect((await call(withRegistration('open'), REGISTER, { body: asked })).status).toBe(400);
      expect(await office.operators.byUsername('greedy')).toBeUndefined();
    },
  );

  it('makes nobody for an address that registered ten, and says for how long', async () => {
    const open = withRegistration('open');
    const register = (username: string, address: string) =>
      call(open, REGISTER, { body: { ...body, username }, address });
    for (let at = 0; at < 10; at++) expect((await register(`crowd-${at}`, '203.0.113.80')).status).toBe(200);

    const { status, headers, json } = await register('one-more', '203.0.113.80');

    expect({ status, json }).toEqual({
      status: 429,
      json: { errcode: 429, errmsg: 'too many attempts', detail: 'try again in 1 minute' },
    });
    expect(headers).toMatchObject({ 'retry-after': '60' });
    expect(await office.operators.byUsername('one-more')).toBeUndefined();
    expect((await register('elsewhere', '203.0.113.81')).status).toBe(200);
  });
});

it('grants and takes away as a new user would see it, and all of it is in the audit', async () => {
  account = await startAccount();
  const tags = await account.handler('tags');
  const menu = await account.handler('menu');
  const password = PASSWORD;
  await ask('POST ', { token: root, body: { username: 'lan', password, permissions: ['tags:read'] } });
  const login = await account.handler('login');
  const signIn = await call(login, 'POST /api/v0.1/login', { body: { username: 'lan', password } });
  expect(signIn).toMatchObject({ status: 200, json: { operator: { must_change_password: true } } });
  const changed = await call(login, 'PUT /api/v0.1/login/password', {
    token: (signIn.json as { token: string }).token,
    body: { password, new_password: `${CANARY}, my own` },
  });
  const { token } = changed.json as { token: string };
  const newTag = () => call(tags, 'POST /api/v0.1/cgi-bin/tags', { token, body: { name: '广东' } });

  expect((await call(tags, 'GET /api/v0.1/cgi-bin/tags', { token })).status).toBe(200);
  expect(await newTag()).toMatchObject({ status: 403, json: { detail: 'needs the permission tags:write' } });
  expect(await call(menu, 'DELETE /api/v0.1/cgi-bin/menu', { token })).toMatchObject({
    status: 403,
    json: { detail: 'needs the permission menu:write' },
  });
  await ask('PATCH /lan', { token: root, body: { permissions: ['tags:read', 'tags:write'] } });
  expect(await newTag()).toMatchObject({ status: 200, json: { tag: { name: '广东' } } });
  await ask('PATCH /lan', { token: root, body: { disabled: true } });
  expect((await newTag()).status).toBe(401);

  const { entries } = await office.audit.newestFirst({ from: 0, before: Date.now() + 1, limit: 8 });
  const told = entries.map(({ operator, action, target, status }) => [action, target, status, operator === 'lan']);
  expect(told.reverse()).toEqual([
    ['POST /operators', 'lan', 200, false],
    ['POST /login', undefined, 200, true],
    ['PUT /login/password', undefined, 200, true],
    ['POST /cgi-bin/tags', undefined, 403, true],
    ['DELETE /cgi-bin/menu', undefined, 403, true],
    ['PATCH /operators/{username}', 'lan', 200, false],
    ['POST /cgi-bin/tags', '广东', 200, true],
    ['PATCH /operators/{username}', 'lan', 200, false],
  ]);
});
