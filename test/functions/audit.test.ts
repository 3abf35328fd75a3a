import * as v from 'valibot';
import { audit as auditRoutes, handler } from '../../functions/audit/handler.ts';
import { handler as operators } from '../../functions/operators/handler.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, type Route, showingFollowers } from '../../lib/http/endpoint.ts';
import { HttpError } from '../../lib/http/error.ts';
import { log } from '../../lib/platform/log.ts';
import { type AuditEntry, auditTable } from '../../lib/tables/audit.ts';
import { refusal } from '../../lib/wechat/api/error.ts';
import { signedIn } from '../support/account.ts';
import { CANARY } from '../support/canary.ts';
import { call } from '../support/events.ts';
import { logged } from '../support/logged.ts';
import { json, nothing, query, route } from '../support/routes.ts';
import { makeTables, tableNamed } from '../support/tables.ts';

const GET = 'GET /api/v0.1/audit';

type Shown = Omit<AuditEntry, 'at'> & { time: string };
type Page = { entries: Shown[]; next_cursor?: string };

const office = backOffice();
let root: string;

beforeAll(async () => {
  await makeTables();
  root = await signedIn();
});

async function read(query: Record<string, string> = {}): Promise<Page> {
  const { status, json } = await call(handler, GET, { token: root, query });
  expect(status).toBe(200);
  return json as Page;
}

describe('the audit', () => {
  const Named = v.strictObject({ name: v.string(), password: v.optional(v.string()) });
  const routes: Route[] = [
    route('GET /things', 'session', nothing, () => ({ errcode: 0 })),
    route(
      'POST /things',
      'session',
      json(Named),
      () => ({ errcode: 0, errmsg: 'ok' }),
      ({ name }) => name,
    ),
    route('PUT /things/{id}', 'session', nothing, () => ({})),
    route('PUT /things/{id}/refused', 'session', nothing, () => {
      throw refusal(40018, 'button[0].name');
    }),
    route('PUT /things/{id}/forbidden', 'session', nothing, () => {
      throw new HttpError(403, 'not permitted');
    }),
    route('PUT /things/{id}/failing', 'session', nothing, () => {
      throw new Error('our fault');
    }),
    route('DELETE /things', 'administrator', nothing, () => ({})),
    route('POST /things/made', 'session', nothing, (_, { auditContext }) => {
      auditContext.target = 'made-1';
      return { id: 'made-1' };
    }),
    route(
      'POST /open',
      'public',
      json(v.strictObject({ username: v.optional(v.string()) })),
      ({ username }, { auditContext }) => {
        auditContext.operator = username;
        return {};
      },
    ),
  ];

  /** What is appended while a request is answered. */
  async function appended(request: string, sent: Parameters<typeof call>[2]) {
    const entries: AuditEntry[] = [];
    const audit = { ...office.audit, append: async (entry: AuditEntry) => void entries.push(entry) };
    const things = endpoint(routes, { ...office, audit });
    const answer = await call(things, request.replace(' ', ' /api/v0.1'), sent);
    return { answer, entries };
  }

  let token: string;
  beforeAll(async () => {
    token = await signedIn(['tags:read']);
  });

  it('is told who did what to what, when, from where, and how it was answered', async () => {
    const now = Date.parse('2026-11-22T08:00:00.123Z');
    const entries: AuditEntry[] = [];
    const audit = { ...office.audit, append: async (entry: AuditEntry) => void entries.push(entry) };
    const things = endpoint(routes, { ...office, audit, now: () => now });
    await call(things, 'POST /api/v0.1/things', {
      token,
      body: { name: 'lamp', password: CANARY },
      address: '198.51.100.4',
    });
    expect(entries).toEqual([
      {
        at: now,
        operator: expect.stringMatching(/^operator-\d+$/),
        action: 'POST /things',
        target: 'lamp',
        status: 200,
        errcode: 0,
        request_id: 'request-1',
        address: '198.51.100.4',
      },
    ]);
  });

  it.each<[string, string, object | undefined, Partial<AuditEntry>]>([
    ['what its path names', 'PUT /things/a%20b', undefined, { target: 'a b', status: 200, errcode: 0 }],
    ["WeChat's refusal", 'PUT /things/7/refused', undefined, { target: '7', status: 200, errcode: 40018 }],
    ['our refusal', 'PUT /things/7/forbidden', undefined, { target: '7', status: 403, errcode: 403 }],
    ["the guard's refusal", 'DELETE /things', undefined, { status: 403, errcode: 403 }],
    ['a malformed body', 'POST /things', { name: 7 }, { status: 400, errcode: -1 }],
    ['our fault', 'PUT /things/7/failing', undefined, { target: '7', status: 500, errcode: 500 }],
    ['what was made', 'POST /things/made', undefined, { target: 'made-1', status: 200 }],
  ])('is told %s', async (_, request, body, expected) => {
    const { entries } = await appended(request, { token, body });
    expect(entries).toEqual([expect.objectContaining(expected)]);
  });

  it('keeps a very long target short', async () => {
    const { entries } = await appended('POST /things', { token, body: { name: '长'.repeat(1_000) } });
    expect(entries[0]?.target).toBe('长'.repeat(256));
  });

  it.each<[string, string, object]>([
    ['somebody reads', 'GET /things', { signed: true }],
    ['nobody is signed in', 'POST /things', { signed: false }],
    ['there is no such route', 'POST /nothing', { signed: true }],
  ])('is told nothing when %s', async (_, request, { signed }: { signed?: boolean }) => {
    const { entries } = await appended(request, { body: { name: 'lamp' }, ...(signed && { token }) });
    expect(entries).toEqual([]);
  });

  it('is told of a public call whom the route names, and nothing of others', async () => {
    expect((await appended('POST /open', { body: { username: 'ming' } })).entries).toEqual([
      expect.objectContaining({ operator: 'ming', action: 'POST /open', status: 200 }),
    ]);
    expect((await appended('POST /open', { body: {} })).entries).toEqual([]);
  });

  it('loses no answer when it cannot be written, and the log has the entry', async () => {
    const logged = jest.spyOn(log, 'error');
    const things = endpoint(routes, {
      ...office,
      audit: { ...office.audit, append: () => Promise.reject(new Error('no table')) },
    });
    const answer = await call(things, 'POST /api/v0.1/things', { token, body: { name: 'lamp', password: CANARY } });
    expect(answer).toMatchObject({ status: 200, json: { errcode: 0, errmsg: 'ok' } });
    expect(logged.mock.calls).toEqual([
      [
        'an entry is missing from the audit',
        expect.objectContaining({
          entry: expect.objectContaining({ action: 'POST /things', target: 'lamp' }),
          error: new Error('no table'),
          audit_missing: 1,
        }),
      ],
    ]);
    logged.mockRestore();
  });
});

describe('reads of followers', () => {
  const NOON = Date.parse('2027-03-01T12:00:00Z');
  const MINUTE = 60_000;
  let time = NOON;
  const at = backOffice({ now: () => time });
  const someone = v.strictObject({});
  const things = endpoint(
    [
      showingFollowers(route('GET /people', 'tags:read', query(someone), () => ({ people: [] }))),
      showingFollowers(route('GET /people/{openid}', 'tags:read', nothing, () => ({}))),
      showingFollowers(
        route('GET /people/{openid}/refused', 'tags:read', nothing, () => {
          throw refusal(40003, 'openid');
        }),
      ),
      route('GET /things', 'tags:read', nothing, () => ({})),
    ],
    at,
  );
  let token: string;
  beforeAll(async () => {
    token = await signedIn(['tags:read'], () => time);
  });

  const look = (path: string, but: object = {}) => call(things, `GET /api/v0.1${path}`, { token, ...but });
  const reads = async (but: Record<string, string> = {}) => {
    const handlerThen = endpoint(auditRoutes(at.audit), at);
    const query = { kind: 'reads', from: new Date(NOON).toISOString(), to: '2027-03-02', ...but };
    const { status, json } = await call(handlerThen, GET, { token: await signedIn(undefined, () => time), query });
    expect(status).toBe(200);
    return json as { entries: Record<string, unknown>[]; next_cursor?: string };
  };
  const told = async () => (await reads()).entries.map(({ time, action, target }) => [time, action, target]);

  it('are one entry for an operator, follower and hour, and one for a list', async () => {
    for (const path of ['/people', '/people', '/people/oA', '/people/oB', '/people/oA', '/things']) await look(path);
    time += 59 * MINUTE;
    await look('/people/oA');
    time += 1 * MINUTE;
    await look('/people/oA', { address: '198.51.100.9' });

    expect(await told()).toEqual([
      ['2027-03-01T13:00:00.000Z', 'GET /people/{openid}', 'oA'],
      ['2027-03-01T12:00:00.000Z', 'GET /people/{openid}', 'oB'],
      ['2027-03-01T12:00:00.000Z', 'GET /people/{openid}', 'oA'],
      ['2027-03-01T12:00:00.000Z', 'GET /people', undefined],
    ]);
    expect((await reads()).entries[0]).toEqual({
      time: '2027-03-01T13:00:00.000Z',
      operator: expect.stringMatching(/^operator-/),
      action: 'GET /people/{openid}',
      target: 'oA',
      request_id: 'request-1',
      address: '198.51.100.9',
    });
  });

  it('are found by time to the hour, by action, and page by page', async () => {
    expect((await reads({ from: '2027-03-01T12:59:00Z', to: '2027-03-01T12:59:30Z' })).entries).toHaveLength(3);
    expect((await reads({ action: 'GET /people' })).entries).toHaveLength(1);
    const seen: unknown[] = [];
    for (let more: Record<string, string> | undefined = { limit: '1' }; more !== undefined; ) {
      const { entries, next_cursor } = await reads(more);
      seen.push(...entries);
      more = next_cursor === undefined ? undefined : { limit: '1', cursor: next_cursor };
    }
    expect(seen).toEqual((await reads()).entries);
  });

  it('that showed nothing leave no trace', async () => {
    const before = await told();
    await look('/people/oC/refused');
    await look('/people/oC', { token: await signedIn([], () => time) });
    await look('/people/oC', { token: 'nobody' });
    expect(await told()).toEqual(before);
  });

  it('cost one write at most, and none when the process has written it already', async () => {
    let writes = 0;
    const send = at.db.send.bind(at.db);
    const counted = (command: never) => {
      writes++;
      return send(command);
    };
    const counting = { send: counted } as unknown as typeof at.db;
    const table = auditTable(counting, tableNamed('audit'));
    const read = { at: time, operator: 'ming', action: 'GET /people', request_id: 'r', address: 'a' };
    for (let again = 0; again < 5; again++) await table.appendRead(read);
    expect(writes).toBe(1);
    await auditTable(counting, tableNamed('audit')).appendRead(read);
    expect(writes).toBe(2);
    await table.appendRead({ ...read, at: time + 60 * MINUTE });
    expect(writes).toBe(3);
  });

  it('are gone after ninety days, also before DynamoDB deletes them', async () => {
    time = NOON + 90 * 24 * 60 * MINUTE + 30 * MINUTE;
    const left = (await told()).map(([hour]) => hour);
    time = NOON;
    expect(left).not.toContain('2027-03-01T12:00:00.000Z');
    expect(left).toContain('2027-03-01T13:00:00.000Z');
  });

  it('are answered though they cannot be written down, and that rings', async () => {
    const lines = logged();
    const deaf = { ...at.audit, appendRead: () => Promise.reject(new Error('no table')) };
    const routes = [showingFollowers(route('GET /people', 'tags:read', nothing, () => ({ people: [] })))];
    const answer = await call(endpoint(routes, { ...at, audit: deaf }), 'GET /api/v0.1/people', { token });
    lines.stop();
    expect(answer.status).toBe(200);
    expect(lines.lines.join()).toContain('"audit_missing":1');
  });

  it('are for administrators alone, as all of the audit', async () => {
    const query = { kind: 'sign-ins' };
    expect(await call(handler, GET, { token: await signedIn(['operators:manage']), query })).toMatchObject({
      status: 403,
    });
    expect(await call(handler, GET, { token: root, query: { kind: 'sign-ins' } })).toMatchObject({ status: 200 });
    expect(await call(handler, GET, { token: root, query: { kind: 'logins' } })).toMatchObject({
      status: 400,
      json: { detail: expect.stringContaining('kind: must be changes, reads or sign-ins') },
    });
  });
});

describe('GET /audit', () => {
  const OPERATORS = '/api/v0.1/operators';
  const password = `${CANARY} and nine more words`;
  const start = Date.now();
  let manager: string;

  beforeAll(async () => {
    manager = await signedIn(['operators:manage']);
    await call(operators, `POST ${OPERATORS}`, { token: root, body: { username: 'ming', password } });
    await call(operators, `PATCH ${OPERATORS}/ming`, { token: manager, body: { password: `${password}!` } });
    await call(operators, `PATCH ${OPERATORS}/ming`, { token: manager, body: { permissions: ['menu:write'] } });
    await call(operators, `DELETE ${OPERATORS}/nobody`, { token: manager });
    await call(operators, `DELETE ${OPERATORS}/ming`, { token: root });
  });

  const told = ({ entries }: Page) => entries.map(({ action, target, status }) => [action, target, status]);

  it('tells what operators did, newest first, refusals too', async () => {
    expect(told(await read())).toEqual([
      ['DELETE /operators/{username}', 'ming', 200],
      ['DELETE /operators/{username}', 'nobody', 404],
      ['PATCH /operators/{username}', 'ming', 403],
      ['PATCH /operators/{username}', 'ming', 200],
      ['POST /operators', 'ming', 200],
    ]);
  });

  it('shows a time to the millisecond and nothing secret', async () => {
    const { body, json } = await call(handler, GET, { token: root });
    expect(body).not.toContain(CANARY);
    const [newest] = (json as Page).entries;
    expect(newest).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      operator: expect.stringMatching(/^operator-\d+$/),
      action: 'DELETE /operators/{username}',
      target: 'ming',
      status: 200,
      errcode: 0,
      request_id: 'request-1',
      address: '203.0.113.7',
    });
  });

  it('tells of one operator, one action, or both', async () => {
    const name = (await read()).entries[1]?.operator ?? '';
    expect((await read({ operator: name })).entries).toHaveLength(3);
    expect(told(await read({ action: 'POST /operators' }))).toEqual([['POST /operators', 'ming', 200]]);
    expect(told(await read({ operator: name, action: 'DELETE /operators/{username}' }))).toEqual([
      ['DELETE /operators/{username}', 'nobody', 404],
    ]);
    expect((await read({ operator: 'somebody else' })).entries).toEqual([]);
  });

  it('tells of a time, until before its end', async () => {
    const { entries } = await read();
    const [second, first] = [entries[3]?.time ?? '', entries[4]?.time ?? ''];
    expect(told(await read({ from: first, to: second }))).toEqual([['POST /operators', 'ming', 200]]);
    expect((await read({ to: new Date(start).toISOString() })).entries).toEqual([]);
    expect((await read({ from: '2020-01-01', to: '2020-01-31' })).entries).toEqual([]);
  });

  it('goes from page to page by the cursor alone, each entry once', async () => {
    const all = (await read()).entries;
    const seen: Shown[] = [];
    for (let query: Record<string, string> | undefined = { limit: '2' }; query !== undefined; ) {
      const { entries, next_cursor } = await read(query);
      seen.push(...entries);
      query = next_cursor === undefined ? undefined : { limit: '2', cursor: next_cursor };
    }
    expect(seen).toEqual(all);
  });

  it.each<[Record<string, string>, string]>([
    [{ limit: '0' }, 'limit'],
    [{ limit: '101' }, 'limit'],
    [{ from: 'yesterday' }, 'from: must be a time'],
    [{ to: '2026-13-40' }, 'to: must be a time'],
    [{ cursor: 'x' }, 'cursor is not a cursor of this list'],
    [{ cursor: Buffer.from('{"from":0,"before":"2026-11-99T00:00:00.000Z"}').toString('base64url') }, 'cursor is not'],
    [{ operator: '' }, 'operator: must not be empty'],
  ])('refuses %o', async (query, detail) => {
    expect(await call(handler, GET, { token: root, query })).toMatchObject({
      status: 400,
      json: { errcode: -1, detail: expect.stringContaining(detail) },
    });
  });

  it('refuses the cursor of another question', async () => {
    const { next_cursor = '' } = await read({ limit: '1', action: 'POST /operators' });
    const query = { cursor: next_cursor, action: 'PATCH /operators/{username}' };
    expect(await call(handler, GET, { token: root, query })).toMatchObject({
      status: 400,
      json: { detail: 'cursor: belongs to another action' },
    });
  });

  it('is for administrators alone', async () => {
    expect(await call(handler, GET, { token: manager })).toMatchObject({
      status: 403,
      json: { detail: 'administrators only' },
    });
  });
});
