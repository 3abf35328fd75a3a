import { SignJWT, UnsecuredJWT } from 'jose';
import { backOffice } from '../../../lib/http/back-office.ts';
import { endpoint } from '../../../lib/http/endpoint.ts';
import { PERMISSIONS, type Permission } from '../../../lib/operators/permissions.ts';
import { tokenOf } from '../../support/account.ts';
import { call } from '../../support/events.ts';
import { anOperator } from '../../support/operators.ts';
import { nothing, route } from '../../support/routes.ts';
import { makeTables } from '../../support/tables.ts';

const start = Date.parse('2026-03-01T08:00:00Z');
const HOURS = 3_600_000;

let time = start;
const office = backOffice({ now: () => time });

const who = (_: undefined, { operator }: { operator: { username: string } | undefined }) => operator?.username ?? null;

const doors = endpoint(
  [
    route('GET /public', 'public', nothing, who),
    route('GET /session', 'session', nothing, who),
    route('GET /tags', 'tags:read', nothing, who),
    ...['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => route(`${method} /tags`, 'tags:write', nothing, who)),
    route('GET /administrator', 'administrator', nothing, who),
  ],
  office,
);

const at = (door: string) => door.replace(' /', ' /api/v0.1/');

const signedIn = async (username: string, permissions: Permission[] = ['tags:read', 'tags:write']) => {
  await office.operators.create(anOperator(username, { permissions }));
  return office.sessions.issue({ username, session: 1 });
};

const refusedBecause = (detail: string) => ({ status: 403, json: { errcode: 403, errmsg: 'not permitted', detail } });
const notSignedIn = {
  status: 401,
  json: { errcode: 401, errmsg: 'not signed in' },
  headers: { 'www-authenticate': 'Bearer' },
};

beforeAll(makeTables);
beforeEach(() => {
  time = start;
});

describe('a door', () => {
  it('that is public asks nobody', async () => {
    expect(await call(doors, at('GET /public'), { token: 'rubbish' })).toMatchObject({ status: 200, json: null });
  });

  it.each(['GET /session', 'GET /tags', 'POST /tags', 'GET /administrator'])(
    '%s opens to no stranger',
    async (door) => {
      expect(await call(doors, at(door))).toMatchObject(notSignedIn);
    },
  );

  it('opens to those who hold its permission, and names it to the others', async () => {
    const reader = await signedIn('reader', ['tags:read']);
    const nobody = await signedIn('nobody', []);

    expect(await call(doors, at('GET /tags'), { token: reader })).toMatchObject({ status: 200, json: 'reader' });
    expect(await call(doors, at('POST /tags'), { token: reader })).toMatchObject(
      refusedBecause('needs the permission tags:write'),
    );
    expect(await call(doors, at('GET /tags'), { token: nobody })).toMatchObject(
      refusedBecause('needs the permission tags:read'),
    );
    expect(await call(doors, at('GET /session'), { token: nobody })).toMatchObject({ status: 200, json: 'nobody' });
  });

  it('for administrators opens to none who merely holds every permission', async () => {
    const almost = await signedIn('almost', Object.keys(PERMISSIONS) as Permission[]);
    await signedIn('boss', []);
    await office.operators.makeAdministrator('boss');
    const boss = await tokenOf('boss', office);

    expect(await call(doors, at('GET /administrator'), { token: almost })).toMatchObject(
      refusedBecause('administrators only'),
    );
    for (const door of ['GET /administrator', 'GET /tags', 'POST /tags', 'GET /session']) {
      expect(await call(doors, at(door), { token: boss })).toMatchObject({ status: 200, json: 'boss' });
    }
  });
});

describe('a token', () => {
  it('is taken as Bearer, in any spelling, or from the cookie', async () => {
    const token = await signedIn('spelling');

    for (const authorization of [`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token}`]) {
      expect((await call(doors, at('GET /session'), { headers: { authorization } })).json).toBe('spelling');
    }
    const cookies = ['username=somebody', `token=${token}`];
    expect((await call(doors, at('GET /session'), { cookies })).json).toBe('spelling');
  });

  it('is not taken from another scheme, nor from the query string', async () => {
    const token = await signedIn('elsewhere');

    const basic = await call(doors, at('GET /session'), { headers: { authorization: `Basic ${token}` } });
    const query = await call(doors, at('GET /session'), { query: { token, access_token: token } });
    for (const answer of [basic, query]) expect(answer).toMatchObject(notSignedIn);
  });

  const claims = { session: 1 };
  const secret = new TextEncoder().encode(process.env.SESSION_SECRET);
  const seconds = start / 1000;
  const signed = (
    but: { alg?: string; iss?: string; aud?: string; sub?: string; exp?: number; key?: Uint8Array } = {},
  ) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: but.alg ?? 'HS256' })
      .setIssuer(but.iss ?? 'wechat-server')
      .setAudience(but.aud ?? 'back-office')
      .setSubject(but.sub ?? 'forged')
      .setExpirationTime(but.exp ?? seconds + 60)
      .sign(but.key ?? secret);

  it('as these forgeries are made would be good, if it were not for one thing each', async () => {
    await signedIn('forged');

    expect(await call(doors, at('GET /session'), { token: await signed() })).toMatchObject({ status: 200 });
  });

  it.each([
    [
      'unsigned',
      () =>
        new UnsecuredJWT({
          ...claims,
          sub: 'forged',
          iss: 'wechat-server',
          aud: 'back-office',
          exp: seconds + 60,
        }).encode(),
    ],
    [
      'signed with another secret',
      () => signed({ key: new TextEncoder().encode('another secret, no shorter than 32 bytes') }),
    ],
    ['signed with another algorithm', () => signed({ alg: 'HS512' })],
    ['of another issuer', () => signed({ iss: 'another-server' })],
    ['for another audience', () => signed({ aud: 'follower' })],
    ['expired', () => signed({ exp: seconds })],
    ['of an operator who never was', () => signed({ sub: 'never-was' })],
    [
      'without an expiry',
      () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256' })
          .setIssuer('wechat-server')
          .setAudience('back-office')
          .setSubject('forged')
          .sign(secret),
    ],
    [
      'without a session',
      () =>
        new SignJWT({})
          .setProtectedHeader({ alg: 'HS256' })
          .setIssuer('wechat-server')
          .setAudience('back-office')
          .setSubject('forged')
          .setExpirationTime(seconds + 60)
          .sign(secret),
    ],
    ['cut short', async () => (await signed()).slice(0, -3)],
    ['rubbish', async () => 'rubbish'],
  ])('that is %s opens nothing', async (_, forge) => {
    const token = await forge();

    expect(await call(doors, at('GET /session'), { token })).toMatchObject(notSignedIn);
    expect(await call(doors, at('GET /session'), { cookies: [`token=${token}`] })).toMatchObject(notSignedIn);
  });

  it('that is forged as Bearer is not saved by a good cookie', async () => {
    const token = await signedIn('both');

    expect(await call(doors, at('GET /session'), { token: 'rubbish', cookies: [`token=${token}`] })).toMatchObject(
      notSignedIn,
    );
  });

  it('ends after twelve hours', async () => {
    const token = await signedIn('tired');

    time = start + 12 * HOURS - 1_000;
    expect((await call(doors, at('GET /session'), { token })).status).toBe(200);
    time = start + 12 * HOURS;
    expect(await call(doors, at('GET /session'), { token })).toMatchObject(notSignedIn);
  });

  it('means at each request what its operator may do by then', async () => {
    let token = await signedIn('changing', ['tags:read']);
    const statuses = async () => [
      (await call(doors, at('GET /tags'), { token })).status,
      (await call(doors, at('POST /tags'), { token })).status,
      (await call(doors, at('GET /administrator'), { token })).status,
    ];

    expect(await statuses()).toEqual([200, 403, 403]);
    await office.operators.change('changing', { permissions: ['tags:write'] }, { permissions: ['tags:read'] });
    expect(await statuses()).toEqual([403, 200, 403]);
    await office.operators.makeAdministrator('changing');
    token = await tokenOf('changing', office);
    expect(await statuses()).toEqual([200, 200, 200]);
    await office.operators.leaveAdministrators('changing');
    expect(await statuses()).toEqual([403, 200, 403]);
  });

  it.each<[string, (username: string) => Promise<unknown>]>([
    ['signs out', (username) => office.operators.endSessions(username)],
    ['changes the password', (username) => office.operators.change(username, { password: 'none' })],
    ['is disabled', (username) => office.operators.change(username, { disabled: true }, {})],
    ['becomes an administrator', (username) => office.operators.makeAdministrator(username)],
    ['is removed', (username) => office.operators.remove(username)],
  ])('is worth nothing once its operator %s', async (what, happens) => {
    const username = what.replaceAll(' ', '-');
    const token = await signedIn(username);
    expect((await call(doors, at('GET /session'), { token })).status).toBe(200);

    await happens(username);

    expect(await call(doors, at('GET /session'), { token })).toMatchObject(notSignedIn);
  });

  it('from before an operator was disabled stays worthless when they are enabled again', async () => {
    const token = await signedIn('enabled-again');
    await office.operators.change('enabled-again', { disabled: true }, {});
    await office.operators.change('enabled-again', { disabled: false }, {});

    expect(await call(doors, at('GET /session'), { token })).toMatchObject(notSignedIn);
  });
});

describe('a changing request by cookie', () => {
  const good = { status: 200, json: 'browser' };
  const answers = { answered: good, refused: refusedBecause('the request comes from another site') };
  let token = '';
  beforeAll(async () => {
    token = await signedIn('browser');
  });

  it.each<[keyof typeof answers, Record<string, string>]>([
    ['answered', {}],
    ['answered', { 'sec-fetch-site': 'same-origin' }],
    ['answered', { 'sec-fetch-site': 'none' }],
    ['refused', { 'sec-fetch-site': 'same-site' }],
    ['refused', { 'sec-fetch-site': 'cross-site' }],
    ['refused', { 'sec-fetch-site': 'anything' }],
    ['answered', { 'sec-fetch-site': 'same-origin', origin: 'https://elsewhere.example' }],
    ['refused', { 'sec-fetch-site': 'cross-site', origin: 'https://api.example.com' }],
    ['answered', { origin: 'https://api.example.com' }],
    ['refused', { origin: 'https://evil.example.com' }],
    ['refused', { origin: 'https://api.example.com.evil.example' }],
    ['refused', { origin: 'https://api.example.com:8443' }],
    ['refused', { origin: 'null' }],
    ['answered', { origin: 'http://localhost:3000', host: 'localhost:3000' }],
    ['refused', { origin: 'http://localhost:3001', host: 'localhost:3000' }],
  ])('is %s when it comes with %j', async (what, headers) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(await call(doors, at(`${method} /tags`), { cookies: [`token=${token}`], headers })).toMatchObject(
        answers[what],
      );
    }
  });

  it('is not asked where it comes from if it brings the token as Bearer, or only reads', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };

    expect(await call(doors, at('POST /tags'), { token, cookies: [`token=${token}`], headers })).toMatchObject(good);
    expect(await call(doors, at('GET /tags'), { cookies: [`token=${token}`], headers })).toMatchObject(good);
  });
});
