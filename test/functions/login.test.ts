import { loginFor } from '../../functions/login/handler.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { hashing } from '../../lib/operators/passwords.ts';
import { patientDatabase } from '../support/account.ts';
import { CANARY } from '../support/canary.ts';
import { call } from '../support/events.ts';
import { logged } from '../support/logged.ts';
import { makeTables } from '../support/tables.ts';

const start = Date.parse('2026-03-01T08:00:00Z');
const MINUTE = 60_000;
const password = `correct horse ${CANARY}`;
const newPassword = `battery staple ${CANARY}`;

let time = start;
/** Each test comes from an address of its own, for wrong passwords count against it. */
let home = '';
let tests = 0;
const office = backOffice({ now: () => time, db: patientDatabase() });
const passwords = hashing({ cost: 4 });
const login = loginFor(office, passwords);

const anOperator = async (username: string, but: { disabled?: boolean } = {}) => {
  await office.operators.create({
    username,
    display_name: '小明',
    password: await passwords.hash(password),
    permissions: ['tags:read'],
    disabled: false,
    session: 1,
    created_at: '2026-01-01T00:00:00.000Z',
    ...but,
  });
  return username;
};

type From = { address?: string };

const signIn = (username: string, its = password, { address = home }: From = {}) =>
  call(login, 'POST /api/v0.1/login', { body: { username, password: its }, address });

const tokenOf = async (username: string): Promise<string> => ((await signIn(username)).json as { token: string }).token;

const whoAmI = (token: string) => call(login, 'GET /api/v0.1/login', { token });

const changePassword = (token: string, body: object, address = home) =>
  call(login, 'PUT /api/v0.1/login/password', { token, body, address });

beforeAll(makeTables);
beforeEach(() => {
  time = start;
  home = `203.0.113.${++tests}`;
});

describe('POST /login', () => {
  it('answers a token, how long it lasts, and who it is', async () => {
    const answer = await signIn(await anOperator('ming'));

    expect(answer).toMatchObject({
      status: 200,
      json: {
        token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        expires_in: 43_200,
        operator: {
          username: 'ming',
          display_name: '小明',
          administrator: false,
          permissions: ['tags:read'],
          must_change_password: false,
        },
      },
    });
    expect(Object.keys((answer.json as { operator: object }).operator)).toHaveLength(5);
  });

  it('sets two cookies that no other page can use, and the token out of the reach of scripts', async () => {
    const { cookies, json } = await signIn(await anOperator('cookies'));

    expect(cookies).toEqual([
      'username=cookies; Max-Age=43200; Path=/; Secure; SameSite=Strict',
      `token=${(json as { token: string }).token}; Max-Age=43200; Path=/; HttpOnly; Secure; SameSite=Strict`,
    ]);
  });

  it('says of an administrator that they are one', async () => {
    await office.operators.makeAdministrator(await anOperator('boss'));

    expect((await signIn('boss')).json).toMatchObject({ operator: { administrator: true } });
  });

  it('takes the name in capitals and with blanks around it', async () => {
    await anOperator('capitals');

    expect((await signIn(' Capitals ')).status).toBe(200);
  });

  it('gives one answer to an unknown name, a wrong password and a disabled operator', async () => {
    await anOperator('real');
    await anOperator('disabled', { disabled: true });

    const answers = [await signIn('unreal'), await signIn('real', 'wrong'), await signIn('disabled')];

    for (const { status, json, cookies } of answers) {
      expect(status).toBe(401);
      expect(json).toEqual({ errcode: 401, errmsg: 'wrong username or password' });
      expect(cookies).toEqual([]);
    }
  });

  it.each([
    [{}, 'username is missing; password is missing'],
    [{ username: 'ming' }, 'password is missing'],
    [{ username: 'ming', password: 123 }, 'password: must be a string'],
    [{ username: '', password: 'x' }, 'username: must not be empty'],
    ['{"username":', 'the body is not well-formed JSON'],
  ])('refuses %j', async (body, detail) => {
    expect(await call(login, 'POST /api/v0.1/login', { body })).toMatchObject({
      status: 400,
      json: { errcode: -1, errmsg: '参数缺失或参数错误', detail },
    });
  });

  it('refuses a name or password of absurd length', async () => {
    expect((await signIn('x'.repeat(65))).json).toMatchObject({ detail: 'username: must have at most 64 characters' });
    expect((await signIn('ming', 'x'.repeat(1_001))).json).toMatchObject({
      detail: 'password: must have at most 1,000 characters',
    });
  });

  it('is written down when somebody signed in, without the password', async () => {
    await signIn(await anOperator('audited'));

    const { entries } = await office.audit.newestFirst({
      from: start,
      before: start + 1,
      operator: 'audited',
      limit: 9,
    });

    expect(entries).toMatchObject([{ operator: 'audited', action: 'POST /login', status: 200 }]);
    expect(JSON.stringify(entries)).not.toContain(CANARY);
  });
});

describe('the cookies of stage local', () => {
  it('are not Secure, for Safari drops such of http://localhost', async () => {
    process.env.STAGE = 'local';
    await jest.isolateModulesAsync(async () => {
      const { loginFor: loginAtHome } = await import('../../functions/login/handler.ts');
      const { cookies } = await call(loginAtHome(office, passwords), 'POST /api/v0.1/login', {
        body: { username: await anOperator('at-home'), password },
        address: home,
      });
      expect(cookies).toHaveLength(2);
      for (const cookie of cookies) expect(cookie).toMatch(/SameSite=Strict$/);
      for (const cookie of cookies) expect(cookie).not.toContain('Secure');
    });
    delete process.env.STAGE;
  });
});

describe('POST /login from a page', () => {
  it.each<[number, Record<string, string>]>([
    [200, { 'sec-fetch-site': 'same-origin', origin: 'https://api.example.com' }],
    [200, { origin: 'https://api.example.com' }],
    [403, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example', 'content-type': 'text/plain' }],
    [403, { 'sec-fetch-site': 'same-site', origin: 'https://api.example.com' }],
    [403, { origin: 'https://evil.example' }],
  ])('answers %i to %j', async (status, headers) => {
    const username = `page-${Object.values(headers).join('-').length}-${status}`;
    const body = { username: await anOperator(username), password };
    const answer = await call(login, 'POST /api/v0.1/login', { body, headers, address: home });

    expect(answer.status).toBe(status);
    expect(answer.cookies).toHaveLength(status === 200 ? 2 : 0);
  });
});

describe('right passwords', () => {
  it('at the same moment are all taken: eight of one operator, from an address that is new', async () => {
    await anOperator('eightfold');

    const answers = await Promise.all(Array.from({ length: 8 }, () => signIn('eightfold')));

    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
  });

  it('are taken where one has signed in before, whatever a neighbour behind the same address does', async () => {
    await anOperator('resident');
    expect((await signIn('resident')).status).toBe(200);
    for (let at = 0; at < 20; at++) await signIn(`made-up-${at}`, 'wrong');
    expect((await signIn('made-up', 'wrong')).status).toBe(429);

    expect((await signIn('resident')).status).toBe(200);
    time += 61_000;
    await signIn('made-up', 'wrong');
    expect((await signIn('resident')).status).toBe(200);
  });
});

describe('failed sign-ins', () => {
  const traces = async (operator?: string) => {
    const { entries } = await office.audit.newestFirst({
      ...{ kind: 'sign-ins' as const, from: time, before: time + 1, limit: 100 },
      ...(operator && { operator }),
    });
    return entries;
  };

  it('are one entry for a name and hour: how many, and from where', async () => {
    await anOperator('tried');
    time += 60 * MINUTE;
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1', '2001:db8:1:2::9']) {
      await signIn('tried', 'wrong', { address });
    }
    expect(await traces('tried')).toEqual([
      {
        at: time,
        operator: 'tried',
        action: 'POST /login',
        attempts: 4,
        addresses: ['192.0.2.1', '192.0.2.2', '2001:db8:1:2::'],
      },
    ]);
    time += 60 * MINUTE;
    await signIn('tried', 'wrong', { address: '192.0.2.3' });
    expect(await traces('tried')).toMatchObject([{ attempts: 1, addresses: ['192.0.2.3'] }]);
  });

  it('name no more than ten addresses, and count on', async () => {
    await anOperator('flooded');
    time += 120 * MINUTE;
    for (let at = 1; at <= 14; at++) {
      await signIn('flooded', 'wrong', { address: `192.0.6.${at}` });
      time += 5_000;
    }
    time = start + 120 * MINUTE;
    const [trace] = await traces('flooded');
    expect(trace).toMatchObject({ attempts: 14 });
    expect(trace?.addresses).toHaveLength(10);
  });

  it('with a name that nobody has are told without it: it may be a password', async () => {
    time += 180 * MINUTE;
    await signIn('nobody-of-this-name', 'wrong');
    await signIn(`oops ${CANARY}`.toLowerCase(), 'wrong');

    const all = await traces();
    expect(all).toEqual([{ at: time, action: 'POST /login', attempts: 2, addresses: [home] }]);
  });

  it('tell of a disabled operator, and of whoever guesses the old password', async () => {
    time += 240 * MINUTE;
    await signIn(await anOperator('gone', { disabled: true }));
    const token = await tokenOf(await anOperator('guesser'));
    await changePassword(token, { password: 'wrong', new_password: newPassword });

    expect(await traces('gone')).toMatchObject([{ action: 'POST /login', attempts: 1 }]);
    expect(await traces('guesser')).toMatchObject([{ action: 'PUT /login/password', attempts: 1 }]);
  });

  it('answer alike when they cannot be written, and ring', async () => {
    await anOperator('unwritten');
    const log = logged();
    const deaf = { ...office.audit, countFailedSignIn: () => Promise.reject(new Error('no table')) };
    const answer = await call(loginFor({ ...office, audit: deaf }, passwords), 'POST /api/v0.1/login', {
      body: { username: 'unwritten', password: 'wrong' },
      address: home,
    });
    log.stop();
    expect(answer.status).toBe(401);
    expect(log.lines.join()).toContain('"audit_missing":1');
  });
});

describe('wrong passwords', () => {
  it('lock a name for an address after five, and the answer says for how long', async () => {
    await anOperator('locked');
    for (let attempt = 1; attempt <= 5; attempt++) expect((await signIn('locked', 'wrong')).status).toBe(401);

    expect(await signIn('locked')).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
      json: { errcode: 429, errmsg: 'too many attempts', detail: 'try again in 1 minute' },
    });
    time += MINUTE;
    expect((await signIn('locked', 'wrong')).status).toBe(401);
    expect(await signIn('locked')).toMatchObject({ status: 429, headers: { 'retry-after': '120' } });
    time += 2 * MINUTE;
    expect((await signIn('locked')).status).toBe(200);
  });

  it('lock an unknown name likewise', async () => {
    for (let attempt = 1; attempt <= 5; attempt++) expect((await signIn('nobody', 'wrong')).status).toBe(401);

    expect((await signIn('nobody', 'wrong')).status).toBe(429);
  });

  it('are forgotten by a right one', async () => {
    await anOperator('clumsy');
    for (let day = 1; day <= 3; day++) {
      for (let attempt = 1; attempt <= 4; attempt++) expect((await signIn('clumsy', 'wrong')).status).toBe(401);
      expect((await signIn('clumsy')).status).toBe(200);
    }
  });

  it('gain nothing by coming all at once', async () => {
    await anOperator('at-once');
    const from = { address: '203.0.113.80' };

    const answers = await Promise.all(Array.from({ length: 30 }, () => signIn('at-once', 'wrong', from)));

    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(25);
  });

  it('are counted by the address that API Gateway saw, whatever a header says', async () => {
    await anOperator('headers');
    const attempt = (at: number) =>
      call(login, 'POST /api/v0.1/login', {
        body: { username: 'headers', password: 'wrong' },
        headers: { 'x-forwarded-for': `198.51.100.${at}`, forwarded: `for=198.51.100.${at}` },
        address: '203.0.113.81',
      });
    for (let at = 1; at <= 5; at++) expect((await attempt(at)).status).toBe(401);

    expect((await attempt(6)).status).toBe(429);
  });

  it('from everywhere let the right person in at a new address, five seconds later', async () => {
    await anOperator('travelling');
    for (let at = 0; at < 40; at++) await signIn('travelling', 'wrong', { address: `192.0.3.${at}` });
    const hotel = { address: '192.0.4.1' };

    expect(await signIn('travelling', password, hotel)).toMatchObject({ status: 429, headers: { 'retry-after': '5' } });
    time += 5_000;
    expect((await signIn('travelling', password, hotel)).status).toBe(200);
    for (let at = 40; at < 60; at++) await signIn('travelling', 'wrong', { address: `192.0.3.${at}` });
    expect((await signIn('travelling', password, hotel)).status).toBe(200);
  });
});

describe('GET /login', () => {
  it('says who one is', async () => {
    const token = await tokenOf(await anOperator('who'));

    expect(await whoAmI(token)).toMatchObject({
      status: 200,
      json: { operator: { username: 'who', display_name: '小明', administrator: false, permissions: ['tags:read'] } },
    });
  });

  it('is 401 for nobody', async () => {
    expect(await call(login, 'GET /api/v0.1/login')).toMatchObject({
      status: 401,
      json: { errcode: 401, errmsg: 'not signed in' },
    });
  });
});

describe('DELETE /login', () => {
  it('ends every session and forgets the cookies', async () => {
    await anOperator('leaving');
    const tokens = [await tokenOf('leaving'), await tokenOf('leaving')];

    const { status, json, cookies } = await call(login, 'DELETE /api/v0.1/login', { token: tokens[0] ?? '' });

    expect({ status, json }).toEqual({ status: 200, json: { errcode: 0, errmsg: 'ok' } });
    expect(cookies).toEqual([
      'username=; Max-Age=0; Path=/; Secure; SameSite=Strict',
      'token=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict',
    ]);
    for (const token of tokens) expect((await whoAmI(token)).status).toBe(401);
    expect((await whoAmI(await tokenOf('leaving'))).status).toBe(200);
  });
});

describe('PUT /login/password', () => {
  it('ends every other session and answers with a new one', async () => {
    await anOperator('changing');
    const tokens = [await tokenOf('changing'), await tokenOf('changing')];

    const answer = await changePassword(tokens[0] ?? '', { password, new_password: newPassword });

    const { token } = answer.json as { token: string };
    expect(answer).toMatchObject({ status: 200, json: { expires_in: 43_200, operator: { username: 'changing' } } });
    expect(answer.cookies[1]).toMatch(`token=${token};`);
    for (const old of tokens) expect((await whoAmI(old)).status).toBe(401);
    expect((await whoAmI(token)).status).toBe(200);
    expect((await signIn('changing')).status).toBe(401);
    expect((await signIn('changing', newPassword)).status).toBe(200);
  });

  it.each([
    ['password1234', 'new_password is among the most common passwords'],
    ['short', 'new_password: must have at least 10 characters'],
    ['Bad.New.One', 'new_password: must not be the username'],
    [password, 'new_password: must differ from the old one'],
  ])('refuses %j', async (new_password, detail) => {
    await anOperator('bad.new.one');
    const token = await tokenOf('bad.new.one');

    expect(await changePassword(token, { password, new_password })).toMatchObject({
      status: 400,
      json: { errcode: -1, detail },
    });
    expect((await whoAmI(token)).status).toBe(200);
  });

  it('slows whoever guesses the old one, here and at the door', async () => {
    const token = await tokenOf(await anOperator('guessed'));
    const guess = () => changePassword(token, { password: 'wrong', new_password: newPassword });
    for (let attempt = 1; attempt <= 5; attempt++) {
      expect(await guess()).toMatchObject({ status: 403, json: { errcode: 403, errmsg: 'wrong password' } });
    }

    expect(await guess()).toMatchObject({ status: 429, headers: { 'retry-after': '5' } });
    expect((await signIn('guessed')).status).toBe(429);
    expect((await whoAmI(token)).status).toBe(200);
  });

  it('done twice at once happens once', async () => {
    const token = await tokenOf(await anOperator('twice'));

    const answers = await Promise.all(
      ['one', 'two'].map((which) => changePassword(token, { password, new_password: `${newPassword} ${which}` })),
    );

    const done = answers.filter(({ status }) => status === 200);
    expect(done).toHaveLength(1);
    expect((await whoAmI(String(Object(done[0]?.json).token))).status).toBe(200);
  });
});
