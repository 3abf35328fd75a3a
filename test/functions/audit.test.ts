import * as v from 'valibot';
import { handler } from '../../functions/audit/handler.ts';
import { handler as operators } from '../../functions/operators/handler.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, type Route } from '../../lib/http/endpoint.ts';
import { HttpError } from '../../lib/http/error.ts';
import { log } from '../../lib/log.ts';
import type { AuditEntry } from '../../lib/tables/audit.ts';
import { refusal } from '../../lib/wechat/error.ts';
import { signedIn } from '../support/account.ts';
import { CANARY } from '../support/canary.ts';
import { call } from '../support/events.ts';
import { json, nothing, route } from '../support/routes.ts';
import { makeTables } from '../support/tables.ts';

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
    route('POST /things/made', 'session', nothing, (_, { note }) => {
      note.target = 'made-1';
      return { id: 'made-1' };
    }),
    route(
      'POST /open',
      'public',
      json(v.strictObject({ username: v.optional(v.string()) })),
      ({ username }, { note }) => {
        note.operator = username;
        return {};
      },
    ),
  ];

  /** What is appended while a request is answered. */
  async function appended(request: string, sent: Parameters<typeof call>[2]) {
    const entries: AuditEntry[] = [];
    const audit = { append: async (entry: AuditEntry) => void entries.push(entry) };
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
    const audit = { append: async (entry: AuditEntry) => void entries.push(entry) };
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
    const things = endpoint(routes, { ...office, audit: { append: () => Promise.reject(new Error('no table')) } });
    const answer = await call(things, 'POST /api/v0.1/things', { token, body: { name: 'lamp', password: CANARY } });
    expect(answer).toMatchObject({ status: 200, json: { errcode: 0, errmsg: 'ok' } });
    expect(logged.mock.calls).toEqual([
      [
        'a call is missing from the audit',
        { entry: expect.objectContaining({ action: 'POST /things', target: 'lamp' }), error: new Error('no table') },
      ],
    ]);
    logged.mockRestore();
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
    [{ cursor: 'x' }, 'cursor is not one of ours'],
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
