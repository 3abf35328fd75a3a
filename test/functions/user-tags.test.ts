import { auditTable } from '../../lib/tables/audit.ts';
import { signedIn } from '../support/account.ts';
import { backOfficeApi } from '../support/back-office-api.ts';
import { multipart } from '../support/events.ts';
import { refusedInput } from '../support/refused.ts';
import { database, tableNamed } from '../support/tables.ts';

const PATH = '/cgi-bin/user/tags';
const TAG = 134;
const A = 'ocYxcuAEy30bX0NXmGn4ypqx3tI0';
const B = 'ocYxcuBt0mRugKZ7tGAHPnUaOW7Y';
const OK = { errcode: 0, errmsg: 'ok' };

const api = backOfficeApi('user-tags');
beforeEach(() => {
  api.account.state.tags = [
    { id: 2, name: '星标组' },
    { id: TAG, name: '广东' },
  ];
  for (const follower of Object.values(api.account.state.followers)) follower.tagid_list = [];
});

const tagsOf = (openid: string) => api.account.state.followers[openid]?.tagid_list;
const give = (openid: string, ...tags: number[]) => api.account.state.followers[openid]?.tagid_list.push(...tags);

/** As many followers as asked for, each known to WeChat. */
function crowd(count: number): string[] {
  const openids = Array.from({ length: count }, (_, at) => `oCrowd${at}`);
  for (const openid of openids) api.account.simulated.act({ openid, msgtype: 'event', event: 'subscribe' });
  return openids;
}

describe('GET', () => {
  it("lists a tag's followers", async () => {
    give(A, TAG);
    give(B, TAG);
    expect(await api.get(PATH, { tagid: `${TAG}` })).toEqual({
      status: 200,
      json: { count: 2, data: { openid: [A, B] }, next_openid: B },
    });
  });

  it("begins after the openid, when a tag's followers are asked for", async () => {
    give(A, TAG);
    give(B, TAG);
    expect(await api.get(PATH, { tagid: `${TAG}`, openid: A })).toMatchObject({
      json: { count: 1, data: { openid: [B] } },
    });
  });

  it.each([
    ['next_openid', { next_openid: A }, [B]],
    ['an empty next_openid, as for the first page', { next_openid: '' }, [A, B]],
    ['next_openid and the same openid', { openid: A, next_openid: A }, [B]],
  ])('begins after %s', async (_, from, openid) => {
    give(A, TAG);
    give(B, TAG);
    expect(await api.get(PATH, { tagid: `${TAG}`, ...from })).toMatchObject({
      json: { count: openid.length, data: { openid } },
    });
  });

  it("lists a follower's tags when there is no tagid", async () => {
    give(A, TAG, 2);
    expect(await api.get(PATH, { openid: A })).toEqual({
      status: 200,
      json: { tagid_list: [TAG, 2] },
    });
  });

  it.each([
    ['', 'tagid or openid is missing'],
    ['tagid=abc', 'tagid: must be the number of a tag'],
    ['tagid=', 'tagid: must be the number of a tag'],
    ['openid=a%20b', 'openid: must be an openid: letters, digits, - and _, at most 128'],
    ['openid=oA&openid=oB', 'openid is given 2 times'],
    [`tagid=1&openid=oA&next_openid=oB`, 'next_openid: differs from openid; one of them is enough'],
    ['openid=oA&next_openid=oB', 'next_openid: goes with tagid'],
    ['next_openid=oB', 'tagid or openid is missing'],
    ['tagid=1&next_openId=oB', 'next_openId is unknown (allowed: tagid, openid, next_openid)'],
  ])('answers 400 to ?%s', async (query, detail) => {
    expect(await api.send(`GET ${PATH}`, { query })).toEqual({
      status: 400,
      json: refusedInput(detail),
    });
  });
});

describe('takes openid_list', () => {
  const urlencoded = (...fields: [string, string][]) => ({
    body: new URLSearchParams([...fields, ['tagid', `${TAG}`]]),
  });

  it.each([
    ['repeated', async () => urlencoded(['openid_list', A], ['openid_list', B])],
    ['repeated with brackets', async () => urlencoded(['openid_list[]', A], ['openid_list[]', B])],
    ['numbered, as PHP does', async () => urlencoded(['openid_list[0]', A], ['openid_list[1]', B])],
    ['numbered with a gap and out of order', async () => urlencoded(['openid_list[7]', B], ['openid_list[2]', A])],
    [
      'numbered in multipart',
      () =>
        multipart([
          ['openid_list[0]', A],
          ['openid_list[1]', B],
          ['tagid', `${TAG}`],
        ]),
    ],
    ['with commas', async () => urlencoded(['openid_list', `${A}, ${B}`])],
    ['as a JSON array in a form', async () => urlencoded(['openid_list', JSON.stringify([A, B])])],
    [
      'repeated in multipart',
      () =>
        multipart([
          ['openid_list', A],
          ['openid_list', B],
          ['tagid', `${TAG}`],
        ]),
    ],
    [
      'with brackets in multipart',
      () =>
        multipart([
          ['openid_list[]', A],
          ['openid_list[]', B],
          ['tagid', `${TAG}`],
        ]),
    ],
    [
      'as a JSON array in multipart',
      () =>
        multipart([
          ['openid_list', JSON.stringify([A, B])],
          ['tagid', `${TAG}`],
        ]),
    ],
    [
      'with commas in multipart',
      () =>
        multipart([
          ['openid_list', `${A},${B}`],
          ['tagid', `${TAG}`],
        ]),
    ],
    ['as an array in JSON', async () => ({ body: { openid_list: [A, B], tagid: TAG } })],
    ['with commas in JSON', async () => ({ body: { openid_list: `${A},${B}`, tagid: `${TAG}` } })],
  ])('%s', async (_, sent) => {
    expect(await api.send(`PUT ${PATH}`, await sent())).toEqual({ status: 200, json: OK });
    expect([tagsOf(A), tagsOf(B)]).toEqual([[TAG], [TAG]]);
    expect(await api.send(`DELETE ${PATH}`, await sent())).toEqual({ status: 200, json: OK });
    expect([tagsOf(A), tagsOf(B)]).toEqual([[], []]);
  });

  it('of one openid with brackets', async () => {
    expect(await api.send(`PUT ${PATH}`, urlencoded(['openid_list[]', A]))).toEqual({ status: 200, json: OK });
    expect(tagsOf(A)).toEqual([TAG]);
  });

  it.each([
    [
      'openid_list and openid_list[]',
      [
        ['openid_list', A],
        ['openid_list[]', B],
      ],
    ],
    [
      'openid_list[] and openid_list[0]',
      [
        ['openid_list[]', A],
        ['openid_list[0]', B],
      ],
    ],
    [
      'openid_list[0] twice',
      [
        ['openid_list[0]', A],
        ['openid_list[0]', B],
      ],
    ],
    [
      'openid_list[a]',
      [
        ['openid_list', A],
        ['openid_list[a]', B],
      ],
    ],
    [
      'openid_list[0][]',
      [
        ['openid_list', A],
        ['openid_list[0][]', B],
      ],
    ],
  ] as [string, [string, string][]][])('in one way only, not %s', async (_, fields) => {
    expect(await api.send(`PUT ${PATH}`, urlencoded(...fields))).toMatchObject({
      status: 400,
      json: { issues: [{ path: expect.stringMatching(/^openid_list/) }] },
    });
    expect([tagsOf(A), tagsOf(B)]).toEqual([[], []]);
  });

  it('in the query of DELETE', async () => {
    give(A, TAG);
    give(B, TAG);
    const query = `openid_list=${A}&openid_list=${B}&tagid=${TAG}`;
    expect(await api.send(`DELETE ${PATH}`, { query })).toEqual({ status: 200, json: OK });
    expect([tagsOf(A), tagsOf(B)]).toEqual([[], []]);
  });
});

it.each([
  [{ tagid: TAG }, 'openid_list is missing'],
  [{ openid_list: [A] }, 'tagid is missing'],
  [{ openid_list: [], tagid: TAG }, 'openid_list: must name at least one openid'],
  [
    { openid_list: [A, 'not one'], tagid: TAG },
    'openid_list[1]: must be an openid: letters, digits, - and _, at most 128',
  ],
  [{ openid_list: [A, 7], tagid: TAG }, 'openid_list[1]: must be an openid'],
  [{ openid_list: '', tagid: TAG }, 'openid_list[0]: must be an openid: letters, digits, - and _, at most 128'],
])('says what is wrong with %j', async (body, detail) => {
  expect(await api.put(PATH, body)).toEqual({
    status: 400,
    json: refusedInput(detail),
  });
});

it('sends fifty at a time, up to a thousand', async () => {
  const openids = crowd(120);
  expect(await api.put(PATH, { openid_list: openids, tagid: TAG })).toEqual({
    status: 200,
    json: OK,
  });
  expect(openids.filter((openid) => tagsOf(openid)?.includes(TAG))).toHaveLength(120);
});

it('refuses 1,001', async () => {
  const openid_list = Array.from({ length: 1001 }, (_, at) => `oMany${at}`);
  expect(await api.put(PATH, { openid_list, tagid: TAG })).toEqual({
    status: 200,
    json: {
      errcode: 40032,
      errmsg: expect.stringMatching(/\S/),
      detail: 'openid_list has 1001 openids, 1 to 1000 allowed',
    },
  });
});

it('reports who was not tagged when WeChat stops half way', async () => {
  const openids = crowd(120);
  const path = '/cgi-bin/tags/members/batchtagging';
  api.account.simulated.faults.push({ path, times: 1, fault: { kind: 'slow', ms: 0 } });
  api.account.simulated.faults.push({ path, times: 1, fault: { kind: 'errcode', errcode: 45009 } });
  const { status, json } = await api.put(PATH, { openid_list: openids, tagid: TAG });
  expect({ status, json }).toMatchObject({
    status: 200,
    json: { errcode: 45171, fail_openid_list: openids.slice(50), detail: expect.stringContaining('45009') },
  });
  expect(openids.filter((openid) => tagsOf(openid)?.includes(TAG))).toEqual(openids.slice(0, 50));
});

it.each([
  ['GET', 'user-tags:read', 'user-tags:write'],
  ['PUT', 'user-tags:write', 'user-tags:read'],
  ['DELETE', 'user-tags:write', 'user-tags:read'],
] as const)('%s asks for %s; %s is not enough', async (method, needed, other) => {
  const sent = method === 'GET' ? { query: { openid: A } } : { body: { openid_list: A, tagid: TAG } };
  expect(await api.send(`${method} ${PATH}`, { ...sent, token: await signedIn([needed]) })).toMatchObject({
    status: 200,
  });
  expect(await api.send(`${method} ${PATH}`, { ...sent, token: await signedIn([other]) })).toMatchObject({
    status: 403,
    json: { detail: `needs the permission ${needed}` },
  });
});

it('answers a megabyte of wrong openids in a few kilobytes', async () => {
  const body = JSON.stringify({ tagid: TAG, openid_list: Array(500_000).fill(1) });
  const response = await api.response(`PUT ${PATH}`, { body });
  expect(response).toMatchObject({ status: 400, json: { detail: expect.stringMatching(/; and 499990 more$/) } });
  expect((response.json as { issues: object[] }).issues).toHaveLength(10);
  expect(response.body.length).toBeLessThan(4_096);
});

describe('the audit', () => {
  const table = auditTable(database(), tableNamed('audit'));
  const newest = async () => (await table.newestFirst({ from: 0, before: Date.now() + 1, limit: 1 })).entries[0];

  it.each(['PUT', 'DELETE'])('names the followers whom %s concerns, and the tag', async (method) => {
    await api.send(`${method} ${PATH}`, { body: { openid_list: [A, B], tagid: TAG } });
    expect(await newest()).toMatchObject({ target: `${TAG}`, followers: [A, B], followers_total: 2 });
  });

  it('names a hundred of a thousand, and says how many there were', async () => {
    const openids = crowd(1_000);
    await api.send(`PUT ${PATH}`, { body: { openid_list: openids, tagid: TAG } });
    expect(await newest()).toMatchObject({ followers: openids.slice(0, 100), followers_total: 1_000 });
  });

  it('names them also when the call was refused', async () => {
    await api.send(`PUT ${PATH}`, { body: { openid_list: [A], tagid: 999 } });
    expect(await newest()).toMatchObject({ errcode: expect.any(Number), followers: [A], followers_total: 1 });
  });

  it('says who looked at whose tags and at the followers of which tag', async () => {
    const reader = await signedIn(['user-tags:read']);
    give(A, TAG);
    for (const query of [{ tagid: `${TAG}` }, { tagid: `${TAG}`, openid: B }, { openid: A }, { openid: A }]) {
      await api.send(`GET ${PATH}`, { token: reader, query });
    }
    const { entries } = await table.newestFirst({ kind: 'reads', from: 0, before: Date.now() + 1, limit: 100 });
    const action = 'GET /cgi-bin/user/tags';
    const [{ operator } = { operator: '' }] = entries;
    expect(
      entries.filter((entry) => entry.operator === operator).map(({ action, target }) => [action, target]),
    ).toEqual(
      [A, `${TAG}`]
        .sort()
        .reverse()
        .map((target) => [action, target]),
    );
  });
});
