import * as v from 'valibot';
import { endpoint, type Route, reading, wechatRoutesOf } from '../../../lib/http/endpoint.ts';
import { HttpError } from '../../../lib/http/error.ts';
import type { Operator } from '../../../lib/operators/permissions.ts';
import type { AuditEntry } from '../../../lib/tables/audit.ts';
import type { WeChatClient } from '../../../lib/wechat/api/client.ts';
import { refusal, tooSlow, unreachable, WeChatError } from '../../../lib/wechat/api/error.ts';
import { call } from '../../support/events.ts';
import { nothing, route } from '../../support/routes.ts';

const NOW = Date.UTC(2026, 6, 1);
const BASE = '/api/v0.1';

const operator = (username: string, more: Partial<Operator> = {}): Operator => ({
  username,
  display_name: username,
  administrator: false,
  permissions: [],
  must_change_password: false,
  ...more,
});
const OPERATORS: Record<string, Operator> = {
  chief: operator('chief', { administrator: true }),
  reader: operator('reader', { permissions: ['tags:read'] }),
};

/** An endpoint whose tokens are the operators' names, and what its audit was told. */
function anEndpoint(routes: Route[], append?: (entry: AuditEntry) => Promise<void>) {
  const audited: AuditEntry[] = [];
  const keep = async (entry: AuditEntry) => void audited.push(entry);
  const authenticate = async (token: string) => OPERATORS[token];
  const handler = endpoint(routes, {
    authenticate,
    now: () => NOW,
    audit: { append: append ?? keep, appendRead: async () => {} },
  });
  return { handler, audited };
}

const ROUTES = [
  route('GET /things', 'tags:read', nothing, () => ({ things: ['一', 2n ** 63n] })),
  route(
    'POST /things',
    'tags:write',
    nothing,
    () => ({ id: 7 }),
    () => 7,
  ),
  reading(route('POST /things/search', 'tags:read', nothing, () => ({ things: [] }))),
  route('GET /things/{id}', 'session', nothing, (_, { params }) => params),
  route('DELETE /things/{id}', 'administrator', nothing, () => undefined),
];

const thrown = (error: Error) => anEndpoint([route('GET /x', 'public', nothing, () => Promise.reject(error))]).handler;

describe('an answer', () => {
  const { handler } = anEndpoint(ROUTES);

  it('is JSON, written as it is, exact beyond 2^53, and not to be cached', async () => {
    const { status, headers, body } = await call(handler, `GET ${BASE}/things`, { token: 'reader' });
    expect({ status, body }).toEqual({ status: 200, body: '{"things":["一",9223372036854775808]}' });
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  });

  it('knows the names in the path, decoded', async () => {
    const { json } = await call(handler, `GET ${BASE}/things/a%20b`, { token: 'reader' });
    expect(json).toEqual({ id: 'a b' });
  });

  it('is null where there is none', async () => {
    expect((await call(handler, `DELETE ${BASE}/things/1`, { token: 'chief' })).json).toBeNull();
  });

  it('lists its routes', () => {
    expect(handler.routes.map(({ key }) => key)).toEqual(ROUTES.map(({ key }) => key));
  });
});

describe('a request', () => {
  it('says who asks, from where and when', async () => {
    let told: object = {};
    const { handler } = anEndpoint([
      route('GET /x', 'session', nothing, (_, { operator, address, now }) => {
        told = { operator, address, now };
      }),
    ]);
    const headers = { 'x-forwarded-for': '198.51.100.9', forwarded: 'for=198.51.100.9' };
    await call(handler, `GET ${BASE}/x`, { token: 'reader', address: '203.0.113.1', headers });
    expect(told).toEqual({ operator: OPERATORS.reader, address: '203.0.113.1', now: NOW });
  });

  it.each([
    ['25 s', [], NOW + 25_000],
    ['what the routes say', [17_000], NOW + 17_000],
  ] as const)('hands out an API of WeChat all of whose calls end after %s', async (_, time, deadline) => {
    const asked: unknown[] = [];
    const client: WeChatClient = async (path, request) => {
      asked.push({ path, ...request });
      return { errcode: 0 };
    };
    const contracts = { 'GET /x': { response: v.unknown() } };
    const routes = wechatRoutesOf(contracts, client, ...time);
    const { handler } = anEndpoint([
      routes('GET /x', 'session', async (_, { wechat }) => [
        await wechat('/cgi-bin/one'),
        await wechat('/cgi-bin/two', { body: { id: 1 } }),
      ]),
    ]);
    expect((await call(handler, `GET ${BASE}/x`, { token: 'reader' })).status).toBe(200);
    expect(asked).toEqual([
      { path: '/cgi-bin/one', deadline },
      { path: '/cgi-bin/two', body: { id: 1 }, deadline },
    ]);
  });

  it.each([
    ['GET', '/things', undefined, 401],
    ['GET', '/things', 'nobody', 401],
    ['GET', '/things', 'reader', 200],
    ['POST', '/things', 'reader', 403],
    ['POST', '/things', 'chief', 200],
    ['GET', '/things/1', 'reader', 200],
    ['GET', '/things/1', undefined, 401],
    ['DELETE', '/things/1', 'reader', 403],
    ['DELETE', '/things/1', 'chief', 200],
  ])('%s %s by %s is %i', async (method, path, token, expected) => {
    const { handler } = anEndpoint(ROUTES);
    const { status } = await call(handler, `${method} ${BASE}${path}`, { ...(token && { token }) });
    expect(status).toBe(expected);
  });
});

describe('what is not routed', () => {
  const { handler } = anEndpoint(ROUTES);

  it.each(['/nothing', '/things/1/2', '/things/', ''])('%j is 404', async (path) => {
    const { status, json } = await call(handler, `GET ${BASE}${path}`, { token: 'chief' });
    expect({ status, json }).toEqual({ status: 404, json: { errcode: 404, errmsg: 'no such route' } });
  });

  it('without the base path is 404', async () => {
    expect((await call(handler, 'GET /things', { token: 'chief' })).status).toBe(404);
  });

  it.each([
    ['PATCH', '/things', 'GET, POST'],
    ['PUT', '/things/1', 'GET, DELETE'],
    ['PUT', '/things/a%2Fb', 'GET, DELETE'],
    ['PATCH', '/things/search', 'POST, GET, DELETE'],
    ['OPTIONS', '/things', 'GET, POST'],
  ])('%s %s is 405 and says what is allowed', async (method, path, allow) => {
    const { status, headers, json } = await call(handler, `${method} ${BASE}${path}`);
    expect({ status, json }).toEqual({ status: 405, json: { errcode: 405, errmsg: 'method not allowed' } });
    expect(headers).toEqual({
      allow,
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
  });

  it('a 404 that a route answers itself stays one', async () => {
    const gone = route('DELETE /things/{id}', 'public', nothing, () => {
      throw new HttpError(404, 'no such thing');
    });
    const { status, json } = await call(anEndpoint([gone]).handler, `DELETE ${BASE}/things/1`);
    expect({ status, json }).toEqual({ status: 404, json: { errcode: 404, errmsg: 'no such thing' } });
  });
});

describe('an error', () => {
  it.each([
    ['ours', new HttpError(409, 'taken', { detail: 'who' }), 409, { errcode: 409, errmsg: 'taken', detail: 'who' }],
    [
      'of WeChat',
      refusal(40018, 'button[0].name'),
      200,
      { errcode: 40018, errmsg: 'invalid button name size', detail: 'button[0].name' },
    ],
    [
      'of WeChat with more fields',
      new WeChatError({
        reason: 'refused',
        errcode: 45171,
        errmsg: 'some failed',
        result: { errcode: 45171, errmsg: 'some failed', fail_openid_list: ['oA'] },
      }),
      200,
      { errcode: 45171, errmsg: 'some failed', fail_openid_list: ['oA'] },
    ],
    [
      'out of reach',
      unreachable('/cgi-bin/x', 'why'),
      502,
      { errcode: 502, errmsg: 'WeChat is unreachable', detail: 'why' },
    ],
    ['too late', tooSlow('/cgi-bin/x', 'why'), 504, { errcode: 504, errmsg: 'WeChat is too slow', detail: 'why' }],
  ])('%s is answered as what it is', async (_, error, expected, body) => {
    const { status, json } = await call(thrown(error), `GET ${BASE}/x`);
    expect({ status, json }).toEqual({ status: expected, json: body });
  });

  it('of our own making shows a request id and nothing else', async () => {
    const { status, json, body } = await call(thrown(new TypeError('the secret is here')), `GET ${BASE}/x`);
    expect({ status, json }).toEqual({
      status: 500,
      json: { errcode: 500, errmsg: 'internal error', detail: 'request request-1' },
    });
    expect(body).not.toMatch(/secret|TypeError|\.ts/);
  });

  it('keeps its headers', async () => {
    const { headers } = await call(
      thrown(new HttpError(429, 'slow down', { headers: { 'Retry-After': '5' } })),
      `GET ${BASE}/x`,
    );
    expect(headers).toMatchObject({ 'retry-after': '5' });
  });
});

describe('the audit', () => {
  const entry = { at: NOW, request_id: 'request-1', address: '203.0.113.7' };

  it('is told who changed what, and how that was answered', async () => {
    const { handler, audited } = anEndpoint(ROUTES);
    await call(handler, `POST ${BASE}/things`, { token: 'chief' });
    await call(handler, `DELETE ${BASE}/things/9`, { token: 'reader' });
    expect(audited).toEqual([
      { ...entry, operator: 'chief', action: 'POST /things', target: '7', status: 200, errcode: 0 },
      { ...entry, operator: 'reader', action: 'DELETE /things/{id}', target: '9', status: 403, errcode: 403 },
    ]);
  });

  it('is not told what was read, nor what nobody did', async () => {
    const { handler, audited } = anEndpoint(ROUTES);
    await call(handler, `GET ${BASE}/things`, { token: 'chief' });
    await call(handler, `POST ${BASE}/things/search`, { token: 'chief' });
    await call(handler, `POST ${BASE}/things`, { token: 'nobody' });
    expect(audited).toEqual([]);
  });

  it('that is down does not change the answer', async () => {
    const { handler } = anEndpoint(ROUTES, () => Promise.reject(new Error('down')));
    const { status, json } = await call(handler, `POST ${BASE}/things`, { token: 'chief' });
    expect({ status, json }).toEqual({ status: 200, json: { id: 7 } });
  });
});
