import { readdirSync } from 'node:fs';
import { SignJWT } from 'jose';
import { type BackOffice, backOffice } from '../lib/http/back-office.ts';
import { BASE_PATH, type Endpoint, type Route } from '../lib/http/endpoint.ts';
import type { Access } from '../lib/http/guard.ts';
import { PERMISSIONS, type Permission } from '../lib/operators/permissions.ts';
import { sessions } from '../lib/operators/sessions.ts';
import type { StoredOperator } from '../lib/tables/operators.ts';
import functions from '../stack/functions.cjs';
import { ROUTES, SHOWS_FOLLOWERS } from './access.ts';
import { startAccount } from './support/account.ts';
import { call } from './support/events.ts';
import { anOperator } from './support/operators.ts';
import { makeTables } from './support/tables.ts';

/** WeChat's own door: its signature is checked there, not an operator's token. */
const WEBHOOK = ['GET /webhook', 'POST /webhook'];

type Statement = { Action: string | string[]; Resource: unknown };
type Declared = {
  handler: string;
  events: { httpApi?: string }[];
  environment: Record<string, string>;
  iamRoleStatements: Statement[];
};

const declared: Record<string, Declared> = functions();
const declarationIn = (folder: string): Declared => declared[folder] as Declared;

const folders = readdirSync('functions');
const declaredRoutes = (folder: string): string[] =>
  declarationIn(folder).events.flatMap(({ httpApi }) => httpApi ?? []);

let account: Awaited<ReturnType<typeof startAccount>>;
let office: BackOffice;
const handlers: Record<string, Endpoint> = {};

beforeAll(async () => {
  await makeTables();
  account = await startAccount();
  office = backOffice();
  for (const folder of folders) {
    const handler = await account.handler(folder);
    if (handler.routes !== undefined) handlers[folder] = handler;
  }
});
afterAll(() => account.stop());

describe('the routes', () => {
  it('are the ones written down, each with its permission', () => {
    const found = Object.entries(handlers).map(([folder, { routes }]) => [
      folder,
      Object.fromEntries(routes.map(({ key, access }) => [key, access])),
    ]);
    expect(Object.fromEntries(found)).toEqual(ROUTES);
  });

  it.each(folders)('are declared as they are handled: %s', (folder) => {
    const handled = Object.keys(ROUTES[folder] ?? {}).map((key) => key.replace(' ', ` ${BASE_PATH}`));
    expect(declaredRoutes(folder).sort()).toEqual((folder === 'webhook' ? [...WEBHOOK] : handled).sort());
    expect(declarationIn(folder).handler).toBe(`functions/${folder}/handler.handler`);
  });

  it.each(Object.keys(ROUTES))('that change something or show followers may append to the audit: %s', (folder) => {
    const { environment, iamRoleStatements } = declarationIn(folder);
    const onAudit = iamRoleStatements
      .filter(({ Resource }) => JSON.stringify(Resource).includes('AuditTable'))
      .flatMap(({ Action }) => Action);
    const appends = handlers[folder]?.routes.some(({ isChanging, showsFollowers }) => isChanging || showsFollowers);
    expect(environment.AUDIT_TABLE).toBe('$' + '{self:custom.tables.audit}');
    expect(onAudit).toEqual([
      ...(appends ? ['dynamodb:PutItem'] : []),
      ...(folder === 'audit' ? ['dynamodb:Query'] : []),
      ...(folder === 'login' ? ['dynamodb:UpdateItem'] : []),
    ]);
  });

  it('are all in the audit unless they only read', () => {
    const all = Object.values(handlers).flatMap(({ routes }) => routes);
    const notAudited = all.filter(({ isChanging }) => !isChanging).map(({ key }) => key);
    expect(notAudited.filter((key) => !key.startsWith('GET '))).toEqual(['POST /reply-rules/try']);
    expect(all.filter(({ key, isChanging }) => key.startsWith('GET ') && isChanging)).toEqual([]);
  });

  it('count a failed sign-in and update nothing else of the audit', () => {
    const updates = declarationIn('login').iamRoleStatements.find(({ Action }) => Action === 'dynamodb:UpdateItem');
    expect(updates).toMatchObject({
      Resource: { 'Fn::GetAtt': ['AuditTable', 'Arn'] },
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['sign-ins#*'] } },
    });
  });

  it('of every function can say that an entry is missing from the audit', () => {
    for (const folder of Object.keys(ROUTES)) {
      expect(declarationIn(folder).environment.METRICS_NAMESPACE).toBe('$' + '{self:service}-$' + '{sls:stage}');
    }
  });

  it('that only read are told apart: what shows followers leaves a trace', () => {
    const all = Object.values(handlers).flatMap(({ routes }) => routes);
    const reads = all.filter(({ isChanging }) => !isChanging);
    expect(Object.fromEntries(reads.map(({ key, showsFollowers }) => [key, showsFollowers]))).toEqual(SHOWS_FOLLOWERS);
  });

  it.each(Object.keys(PERMISSIONS))('ask for every permission there is: %s', (permission) => {
    expect(Object.values(ROUTES).flatMap(Object.values)).toContain(permission);
  });
});

describe('every route', () => {
  const ALL = Object.keys(PERMISSIONS) as Permission[];
  const DAY_MS = 24 * 60 * 60 * 1000;
  let operators = 0;

  /** A new operator and, by its username, the token of its session. */
  async function aGuest(permissions: readonly Permission[], but: Partial<StoredOperator> = {}): Promise<string> {
    const username = `guest-${++operators}`;
    await office.operators.create(anOperator(username, { permissions, created_at: new Date().toISOString(), ...but }));
    return username;
  }

  /** Becoming one is the first thing that ends their sessions: they are at number 1, too. */
  async function anAdministrator(but: Partial<StoredOperator> = {}): Promise<string> {
    const username = await aGuest([], { session: 0, ...but });
    await office.operators.makeAdministrator(username);
    return username;
  }

  const issued = (username: string, { issue } = office.sessions): Promise<string> => issue({ username, session: 1 });

  const signed = (username: string, audience: string, issuer: string): Promise<string> =>
    new SignJWT({ session: 1 })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(username)
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(process.env.SESSION_SECRET));

  /** The same token without its signature, which says that it needs none. */
  const unsigned = (token: string): string => {
    const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    return `${header}.${token.split('.')[1]}.`;
  };

  const holders = (access: Access, but: Partial<StoredOperator> = {}): Promise<string> => {
    if (access === 'administrator') return anAdministrator(but);
    return aGuest(access === 'session' || access === 'public' ? [] : [access], but);
  };

  type Bring = (access: Access) => Promise<string | undefined>;

  /** One token for all routes with the same access; a route that lets somebody in may end their sessions. */
  const oncePerAccess = (bring: Bring): Bring => {
    const brought = new Map<Access, ReturnType<Bring>>();
    return (access) => {
      const token = brought.get(access) ?? bring(access);
      brought.set(access, token);
      return token;
    };
  };
  /** How the token travels, and what comes with it. */
  type Send = (token: string | undefined) => Parameters<typeof call>[2];

  const NOT_SIGNED_IN: [string, Bring][] = [
    ['no token', async () => undefined],
    ['something that is no token', async () => 'administrator'],
    [
      'an expired token',
      async () => issued(await anAdministrator(), backOffice({ now: () => Date.now() - DAY_MS }).sessions),
    ],
    ['a token with alg:none', async () => unsigned(await issued(await anAdministrator()))],
    [
      'a token by another key',
      async () =>
        issued(await anAdministrator(), sessions({ secret: 'another secret, no shorter than 32', now: Date.now })),
    ],
    ['a token for another audience', async () => signed(await anAdministrator(), 'elsewhere', 'wechat-server')],
    ['a token by another issuer', async () => signed(await anAdministrator(), 'back-office', 'elsewhere')],
    [
      'the token of somebody who signed out',
      async () => {
        const username = await anAdministrator();
        await office.operators.endSessions(username);
        return issued(username);
      },
    ],
    [
      'the token from before somebody became an administrator',
      async () => {
        const username = await aGuest(ALL);
        const token = await issued(username);
        await office.operators.makeAdministrator(username);
        return token;
      },
    ],
    ['the token of a disabled operator', async () => issued(await aGuest(ALL, { disabled: true }))],
    ['the token of nobody', async () => issued('nobody')],
  ];

  const WITHOUT_IT: [string, Bring][] = [
    ['no permission', async () => issued(await aGuest([]))],
    ['every other permission', async (access) => issued(await aGuest(ALL.filter((held) => held !== access)))],
  ];

  const WITH_IT: [string, Bring][] = [
    ['what it asks for', async (access) => issued(await holders(access))],
    ['the rights of an administrator', async () => issued(await anAdministrator())],
  ];

  const CHOSEN = { password_chosen_by: 'somebody-else' };
  const MUST_CHANGE: [string, Bring][] = [
    ['what it asks for', async (access) => issued(await holders(access, CHOSEN))],
    ['every permission', async () => issued(await aGuest(ALL, CHOSEN))],
    ['the rights of an administrator', async () => issued(await anAdministrator(CHOSEN))],
  ];

  const asBearer: Send = (token) => (token === undefined ? {} : { token });
  const asCookie = (headers: Record<string, string>): Send => {
    return (token) => ({ cookies: [`token=${token}`], headers });
  };

  const FOREIGN: [string, Record<string, string>][] = [
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another host of the site', { 'sec-fetch-site': 'same-site', origin: 'https://api.example.com' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['no origin that can be named', { origin: 'null' }],
  ];

  const PLACES: Record<string, string> = { username: 'nobody', openid: 'oNobody', id: 'none' };
  const pathOf = ({ key }: Route): string =>
    key.replace(' ', ` ${BASE_PATH}`).replace(/\{(\w+)\}/g, (_, name) => PLACES[name] ?? 'x');

  /** How each route with this kind of access answers: its status and what is missing. */
  async function asked(bring: Bring, isAsked: (access: Access, key: string) => boolean, send = asBearer) {
    const answers: Record<string, { status: number | undefined; detail: unknown }> = {};
    for (const handler of Object.values(handlers)) {
      for (const route of handler.routes.filter(({ access, key }) => isAsked(access, key))) {
        const body = route.key.startsWith('GET ') ? undefined : {};
        const { status, json } = await call(handler, pathOf(route), { body, ...send(await bring(route.access)) });
        answers[route.key] = { status, detail: (json as { detail?: string }).detail };
      }
    }
    return answers;
  }

  const isGuarded = (access: Access): boolean => access !== 'public';
  const accessOf: Record<string, Access> = Object.assign({}, ...Object.values(ROUTES));
  const keysOf = (isAsked: (access: Access, key: string) => boolean): string[] =>
    Object.keys(accessOf).filter((key) => isAsked(accessOf[key] as Access, key));

  /** The same answer from each of these routes. */
  const each = <T>(keys: string[], answer: (access: Access) => T): Record<string, T> =>
    Object.fromEntries(keys.map((key) => [key, answer(accessOf[key] as Access)]));

  it.each(NOT_SIGNED_IN)('answers 401 to %s', async (_, bring) => {
    expect(await asked(oncePerAccess(bring), isGuarded)).toEqual(
      each(keysOf(isGuarded), () => ({ status: 401, detail: undefined })),
    );
  });

  it.each(MUST_CHANGE)('is closed to %s while the password is the choice of another operator', async (_, bring) => {
    const isMore = (access: Access) => isGuarded(access) && access !== 'session';
    expect(await asked(bring, isMore)).toEqual(
      each(keysOf(isMore), () => ({ status: 403, detail: expect.stringContaining('PUT /login/password') })),
    );
    const own = await asked(bring, (access) => access === 'session');
    expect(Object.entries(own).map(([key, { status }]) => [key, status])).toEqual([
      ['GET /login', 200],
      ['DELETE /login', 200],
      ['PUT /login/password', 400],
    ]);
  });

  describe.each(FOREIGN)('on a page of %s', (_, headers) => {
    const changes = (_access: Access, key: string) => !key.startsWith('GET ');
    const refused = { status: 403, detail: 'the request comes from another site' };

    it('changes nothing by the cookie', async () => {
      const bring: Bring = async (access) => issued(await holders(access));
      expect(await asked(bring, changes, asCookie(headers))).toEqual(each(keysOf(changes), () => refused));
    });

    it('sets no cookie, whatever it brings', async () => {
      const sets = (access: Access, key: string) => changes(access, key) && ['public', 'session'].includes(access);
      const bring: Bring = async (access) => issued(await holders(access));
      const send: Send = (token) => ({ ...asBearer(token), headers });
      expect(keysOf(sets)).toEqual(['POST /login', 'DELETE /login', 'PUT /login/password', 'POST /operators/register']);
      expect(await asked(bring, sets, send)).toEqual(each(keysOf(sets), () => refused));
      expect(await asked(async () => undefined, sets, send)).toEqual(each(keysOf(sets), () => refused));
    });
  });

  it('takes neither of two cookies named token', async () => {
    const bring: Bring = async (access) => issued(await holders(access));
    const twice: Send = (token) => ({ cookies: ['token=of-a-neighbour', `token=${token}`] });
    expect(await asked(bring, isGuarded, twice)).toEqual(
      each(keysOf(isGuarded), () => ({ status: 401, detail: expect.stringContaining('two cookies') })),
    );
  });

  it.each(WITHOUT_IT)('answers 403 to an operator with %s, and names what is missing', async (_, bring) => {
    const needsMore = (access: Access) => isGuarded(access) && access !== 'session';
    expect(await asked(oncePerAccess(bring), needsMore)).toEqual(
      each(keysOf(needsMore), (access) => ({
        status: 403,
        detail: access === 'administrator' ? 'administrators only' : `needs the permission ${access}`,
      })),
    );
  });

  it.each(WITH_IT)('lets an operator in with %s', async (_, bring) => {
    const answers = await asked(bring, isGuarded);
    expect(Object.keys(answers).sort()).toEqual(keysOf(isGuarded).sort());
    const unlike = Object.entries(answers).filter(
      ([, { status = 500 }]) => [401, 403].includes(status) || status >= 500,
    );
    expect(unlike).toEqual([]);
  });

  /** Their fields go on to WeChat, which may know more of them than we do. */
  const PASSED_ON = ['POST /cgi-bin/menu', 'POST /interactions/{openid}'];
  /** Closed before anything is read. */
  const CLOSED = ['POST /operators/register'];

  it.each([
    ['parameter', [], { query: { unheard_of: '1' } }],
    ['parameter that JavaScript knows', [], { query: '__proto__=1&unheard_of=1' }],
    ['field', PASSED_ON, { body: { unheard_of: 1 } }],
    ['field of a form', [], { body: new URLSearchParams({ unheard_of: '1' }) }],
  ])('refuses a %s that it does not know, by name', async (_, exempt, sent) => {
    const token = await issued(await anAdministrator());
    const silent: string[] = [];
    for (const handler of Object.values(handlers)) {
      for (const route of handler.routes) {
        const { status, json } = await call(handler, pathOf(route), { token, ...sent });
        const { issues = [] } = json as { issues?: { path: string; code: string }[] };
        const isNamed = issues.some(
          ({ path, code }) => (path === 'unheard_of' && code === 'unknown') || code === 'malformed',
        );
        if (status !== 400 || !isNamed) silent.push(route.key);
      }
    }
    expect(silent.sort()).toEqual([...exempt, ...CLOSED].sort());
  });

  it.each([...NOT_SIGNED_IN, ...WITHOUT_IT, ...WITH_IT])('that is public asks for no token: %s', async (_, bring) => {
    const isPublic = (access: Access) => access === 'public';
    expect(await asked(bring, isPublic)).toEqual({
      'POST /login': { status: 400, detail: expect.stringContaining('username is missing') },
      'POST /operators/register': { status: 403, detail: expect.stringContaining('registration is closed') },
    });
  });
});
