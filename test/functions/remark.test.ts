import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { auditTable } from '../../lib/tables/audit.ts';
import { signedIn } from '../support/account.ts';
import { backOfficeApi } from '../support/back-office-api.ts';
import { multipart } from '../support/events.ts';
import { refusedInput } from '../support/refused.ts';
import { database, tableNamed } from '../support/tables.ts';

const PATH = '/cgi-bin/user/remark';
const OPENID = 'ocYxcuAEy30bX0NXmGn4ypqx3tI0';

const api = backOfficeApi('remark');

const remarkOf = (openid: string) => api.account.state.followers[openid]?.remark;

it('sets the remark of a follower, as the original API documents it', async () => {
  const form = await multipart([
    ['openid', OPENID],
    ['remark', '老朋友'],
  ]);
  expect(await api.send(`PUT ${PATH}`, form)).toEqual({ status: 200, json: { errcode: 0, errmsg: 'ok' } });
  expect(remarkOf(OPENID)).toBe('老朋友');
});

it.each([
  ['urlencoded', new URLSearchParams({ openid: OPENID, remark: '熟客 & 😀' })],
  ['JSON', { openid: OPENID, remark: '熟客 & 😀' }],
])('takes the fields as %s', async (_, body) => {
  api.account.state.followers[OPENID] = { ...api.account.state.followers[OPENID], remark: '' } as never;
  expect((await api.put(PATH, body)).json).toEqual({ errcode: 0, errmsg: 'ok' });
  expect(remarkOf(OPENID)).toBe('熟客 & 😀');
});

it('takes a remark away when it is empty', async () => {
  await api.put(PATH, { openid: OPENID, remark: 'VIP' });
  expect((await api.put(PATH, { openid: OPENID, remark: '' })).json).toMatchObject({
    errcode: 0,
  });
  expect(remarkOf(OPENID)).toBe('');
});

it("refuses thirty bytes in WeChat's words and names the place", async () => {
  expect(await api.put(PATH, { openid: OPENID, remark: '十个汉字就是三十字节' })).toEqual({
    status: 200,
    json: { errcode: 40092, errmsg: expect.any(String), detail: 'remark is 30 bytes, at most 29' },
  });
});

it("passes WeChat's refusal on", async () => {
  expect(await api.put(PATH, { openid: 'oNobodyWeKnow', remark: 'x' })).toEqual({
    status: 200,
    json: { errcode: 43004, errmsg: expect.stringMatching(/^require subscribe/) },
  });
});

it('passes on the error of the original documentation', async () => {
  api.account.simulated.faults.push({
    path: '/cgi-bin/user/info/updateremark',
    times: 1,
    fault: { kind: 'errcode', errcode: 40013 },
  });
  expect(await api.put(PATH, { openid: OPENID, remark: 'x' })).toEqual({
    status: 200,
    json: { errcode: 40013, errmsg: 'invalid appid' },
  });
});

it.each([
  [{ remark: 'x' }, 'openid is missing'],
  [{ openid: OPENID }, 'remark is missing'],
  [{ openid: OPENID, remark: 7 }, 'remark: must be a string'],
  [{ openid: 'o 1', remark: 'x' }, 'openid: must be an openid: letters, digits, - and _, at most 128'],
  [undefined, 'openid is missing; remark is missing'],
])('says what is wrong with %j', async (body, detail) => {
  expect(await api.put(PATH, body)).toEqual({ status: 400, json: refusedInput(detail) });
});

it('is in the audit, with the follower it concerned', async () => {
  const from = Date.now();
  await api.put(PATH, { openid: OPENID, remark: '秘密' });
  const { entries } = await auditTable(database(), tableNamed('audit')).newestFirst({
    from,
    before: Date.now() + 1,
    limit: 1,
  });
  expect(entries).toMatchObject([{ action: 'PUT /cgi-bin/user/remark', target: OPENID, status: 200, errcode: 0 }]);
  expect(JSON.stringify(entries)).not.toContain('秘密');
});

it('asks for the permission remark:write', async () => {
  const body = { openid: OPENID, remark: 'by the permitted' };
  const other = await signedIn(['menu:write', 'user-tags:write']);
  expect(await api.send(`PUT ${PATH}`, { body, token: other })).toMatchObject({
    status: 403,
    json: { detail: 'needs the permission remark:write' },
  });
  expect((await api.send(`PUT ${PATH}`, { body, token: await signedIn(['remark:write']) })).status).toBe(200);
  expect((await api.send(`PUT ${PATH}`, { body, token: '' })).status).toBe(401);
});

it('a call costs one read besides WeChat: the operator with the administrators', async () => {
  const body = { openid: OPENID, remark: 'x' };
  await api.put(PATH, body);
  const { reads, stop } = countReads();
  await api.put(PATH, body);
  stop();
  expect(reads).toEqual(['DynamoDB_20120810.BatchGetItem']);
});

it.each([
  ['cut', 502],
  ['html', 502],
  ['empty', 502],
] as const)('answers a gateway error when WeChat is out of reach (%s)', async (kind, status) => {
  api.account.simulated.faults.push({ path: '/cgi-bin/user/info/updateremark', times: 1, fault: { kind } });
  const answer = await api.put(PATH, { openid: OPENID, remark: 'x' });
  expect(answer).toMatchObject({ status, json: { errcode: status, errmsg: 'WeChat is unreachable' } });
});

/** The reads that DynamoDB is asked for, as their HTTP requests name them, until it is told to stop. */
function countReads() {
  const reads: string[] = [];
  const count = (message: unknown) => {
    const target = String((message as { request: ClientRequest }).request.getHeader('x-amz-target') ?? '');
    if (/Get|Query|Scan/.test(target)) reads.push(target);
  };
  subscribe('http.client.request.start', count);
  return { reads, stop: () => unsubscribe('http.client.request.start', count) };
}
