import type { Ports } from '../../functions/interactions/handler.ts';
import { documentClient } from '../../lib/aws/dynamodb.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { BASE_PATH, type Endpoint, endpoint } from '../../lib/http/endpoint.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import { pendingTable } from '../../lib/tables/pending.ts';
import type { WeChat } from '../../lib/wechat/api/client.ts';
import { unreachable } from '../../lib/wechat/api/error.ts';
import { signedIn } from '../support/account.ts';
import { backOfficeApi } from '../support/back-office-api.ts';
import { CANARY } from '../support/canary.ts';
import { call } from '../support/events.ts';
import { type Fault, flakyDatabase } from '../support/flaky-database.ts';
import { anInteraction, stored } from '../support/interactions.ts';
import { database, put, tableNamed } from '../support/tables.ts';

const ALL = '/interactions';
const HOUR_MS = 3_600_000;
const SEND = '/cgi-bin/message/custom/send';
const PLACEMENT = { shards: 2, retentionDays: undefined };

const db = database();
const api = backOfficeApi('interactions');
let followers = 0;

const newFollower = (): string => `oFollower${++followers}`;
const of = (openid: string) => `/interactions/${openid}`;
const aText = (content = '您好') => ({ msgtype: 'text', text: { content } });

type Body = { interactions: Record<string, unknown>[]; next_cursor?: string } & Record<string, unknown>;
const read = async (path: string, query: Record<string, string> = {}) => (await api.get(path, query)).json as Body;
const kept = async (openid: string) => (await read(of(openid))).interactions;

/** A follower who has just written: five messages may be sent. */
function aSpeaker(): string {
  const openid = newFollower();
  api.account.simulated.act({ openid, msgtype: 'text' });
  return openid;
}

const sentTo = (openid: string) => api.account.simulated.sent(openid).map(({ message }) => message);

/** The endpoint with other ports than the deployed one. */
async function other(ports: Partial<Ports> = {}): Promise<Endpoint> {
  const { interactions } = await import('../../functions/interactions/handler.ts');
  const office = backOffice();
  const standard = {
    wechat: async () => ({ errcode: 0, errmsg: 'ok' }),
    history: history(db, tableNamed('interactions'), PLACEMENT),
    pending: pendingTable(db, tableNamed('pending')),
    now: Date.now,
    sleep: async () => undefined,
  };
  return endpoint(interactions({ ...standard, ...ports }), office);
}

describe('GET /interactions', () => {
  const span = { from: '2025-02-03', to: '2025-02-05T00:00:00Z' };
  const NOON = Date.parse('2025-02-03T12:00:00Z');

  it('shows what is kept, newest first', async () => {
    const reply = { type: 'text' as const, content: '欢迎' };
    const first = await stored('oOne', NOON, { kind: 'event.subscribe', details: { scene: 'shop-42' }, reply });
    await stored('oTwo', NOON + HOUR_MS, { direction: 'out', operator: 'ming' });

    const { interactions, ...rest } = await read(ALL, span);

    expect(rest).toEqual({});
    expect(interactions.map(({ openid }) => openid)).toEqual(['oTwo', 'oOne']);
    expect(interactions[0]).toMatchObject({ direction: 'out', operator: 'ming' });
    expect(interactions[1]).toEqual({
      id: `oOne#${first.created}`,
      openid: 'oOne',
      created_at: '2025-02-03T12:00:00.000Z',
      received_at: '2025-02-03T12:00:00.000Z',
      direction: 'in',
      kind: 'event.subscribe',
      details: { scene: 'shop-42' },
      reply,
    });
  });

  it('is filtered by kind and direction', async () => {
    expect((await read(ALL, { ...span, kind: 'event.subscribe' })).interactions).toHaveLength(1);
    expect((await read(ALL, { ...span, direction: 'out' })).interactions).toHaveLength(1);
    expect((await read(ALL, { ...span, kind: 'image' })).interactions).toEqual([]);
  });

  it('is walked by cursors, which carry the question', async () => {
    const { next_cursor = '' } = await read(ALL, { ...span, limit: '1' });
    const page = await read(ALL, { cursor: next_cursor, limit: '1' });

    expect(page.interactions.map(({ openid }) => openid)).toEqual(['oOne']);
    expect((await api.get(ALL, { cursor: next_cursor, kind: 'text' })).json).toMatchObject({
      errcode: -1,
      detail: 'cursor: belongs to another kind',
    });
  });

  it.each([
    [{ limit: '0' }, /^limit: /],
    [{ limit: '101' }, /^limit: /],
    [{ from: 'yesterday' }, /^from: /],
    [{ from: '2025-02-05', to: '2025-02-05' }, /^from: must be before to$/],
    [{ direction: 'sideways' }, /^direction: must be in or out$/],
    [{ kind: '' }, /^kind: /],
    [{ cursor: 'forged' }, /^cursor is not a cursor of this list$/],
    [{ cursor: Buffer.from('{"from":0,"at":["9"]}').toString('base64url') }, /^cursor is not a cursor of this list$/],
  ])('refuses %j', async (query, detail) => {
    const { status, json } = await api.get(ALL, query);

    expect(status).toBe(400);
    expect(json).toMatchObject({ errcode: -1, detail: expect.stringMatching(detail) });
  });

  it('reads as far ahead as a year has four digits', async () => {
    const from = new Date(Date.now() - HOUR_MS).toISOString();
    await stored('oOne', Date.now());
    await stored('oOne', Date.now());
    const { interactions, next_cursor = '' } = await read(ALL, { from, to: '9999-12-31', limit: '1' });
    expect(interactions).toHaveLength(1);
    expect((await api.get(ALL, { cursor: next_cursor })).status).toBe(200);
    expect((await api.get(of('oOne'), { to: '9999-12-31' })).status).toBe(200);
  });
});

describe('GET /interactions/{openid}', () => {
  it('shows one follower only', async () => {
    const openid = newFollower();
    await stored(openid, Date.now());
    await stored(newFollower(), Date.now());

    expect(await kept(openid)).toEqual([expect.objectContaining({ openid, details: { content: '在吗' } })]);
  });

  it("refuses another follower's cursor", async () => {
    const openid = newFollower();
    await stored(openid, Date.now());
    await stored(openid, Date.now());
    const { next_cursor = '' } = await read(of(openid), { limit: '1' });

    expect(await read(of(openid), { cursor: next_cursor })).toMatchObject({ interactions: [expect.anything()] });
    expect((await api.get(of('oOther'), { cursor: next_cursor })).status).toBe(400);
  });

  const MINUTE_MS = 60_000;
  const happened = (kind: string, ago: number, details = {}) => ({ kind, ago, details });
  it.each([
    ['nothing', [], undefined],
    ['a message', [happened('image', HOUR_MS)], 47 * HOUR_MS],
    ['a message of a new type', [happened('unknown.hologram', HOUR_MS)], 47 * HOUR_MS],
    ['a message 48 hours ago', [happened('text', 48 * HOUR_MS)], undefined],
    ['a tap just now', [happened('event.CLICK', 10_000)], 50_000],
    ['a tap a minute ago', [happened('event.CLICK', MINUTE_MS)], undefined],
    ['a tap after a message', [happened('text', HOUR_MS), happened('event.SCAN', 10_000)], 47 * HOUR_MS],
    ['a link of the menu', [happened('event.VIEW', 1_000)], undefined],
    ['a new kind of event', [happened('unknown.event.hologram', 1_000)], undefined],
    ['an entry of a msgmenu', [happened('text', 20_000, { content: '好', bizmsgmenuid: '1' })], 40_000],
    ['leaving after a message', [happened('text', HOUR_MS), happened('event.unsubscribe', 1_000)], undefined],
    ['coming back', [happened('event.unsubscribe', 9_000), happened('event.subscribe', 5_000)], 55_000],
  ])('tells from %s whether the window is open and until when', async (_, acts, left) => {
    const openid = newFollower();
    const now = Math.floor(Date.now() / 1000) * 1000;
    for (const { ago, ...but } of acts) await stored(openid, now - ago, but);

    const { window } = await read(of(openid));

    const open = left !== undefined && { state: 'open', until: new Date(now + left).toISOString() };
    expect(window).toEqual(open || { state: 'closed' });
  });

  it('does not take an answer for an act of the follower', async () => {
    const openid = newFollower();
    await stored(openid, Date.now(), { direction: 'out', operator: 'ming' });

    expect((await read(of(openid))).window).toEqual({ state: 'closed' });
  });

  it('says unknown after more than 2,000 acts that open nothing', async () => {
    const openid = newFollower();
    const at = Date.now();
    const acts = Array.from({ length: 2_001 }, (_, n) => anInteraction(openid, at - n, { kind: 'event.VIEW' }));
    await put('interactions', acts);

    expect((await read(of(openid))).window).toEqual({ state: 'unknown' });
  });
});

describe('POST /interactions/{openid}', () => {
  it('sends the message and keeps it with who sent it', async () => {
    const openid = aSpeaker();
    const ming = await signedIn(['interactions:reply']);

    const sent = await api.send(`POST ${of(openid)}`, { token: ming, body: aText(`您好 ${CANARY}`) });

    expect(sent).toEqual({ status: 200, json: { errcode: 0, errmsg: 'ok', recorded: true } });
    expect(sentTo(openid)).toEqual([{ touser: openid, ...aText(`您好 ${CANARY}`) }]);
    expect(await kept(openid)).toEqual([
      expect.objectContaining({
        direction: 'out',
        kind: 'text',
        details: { content: `您好 ${CANARY}` },
        operator: expect.stringMatching(/^operator-\d+$/),
      }),
    ]);
  });

  it('keeps the fields of other kinds, and the customer-service account', async () => {
    const openid = aSpeaker();
    const articles = [{ title: '新品', description: '', url: 'https://example.com/', picurl: '' }];
    const body = { msgtype: 'news', news: { articles }, customservice: { kf_account: 'a@b' } };

    expect((await api.post(of(openid), body)).json).toMatchObject({ errcode: 0 });

    expect(await kept(openid)).toMatchObject([{ kind: 'news', details: { articles, kf_account: 'a@b' } }]);
  });

  it('passes on the types and fields that WeChat may add, exact to the digit, and keeps them', async () => {
    const openid = aSpeaker();
    for (const message of [
      '{"msgtype":"text","text":{"content":"AI 的回答","tone":"calm"},"aimsgcontext":{"msgid":25231685381080001,"share":1e-200}}',
      '{"msgtype":"mpnews","mpnews":{"media_id":"M"}}',
      '{"msgtype":"wxcard","wxcard":{"card_id":"C"}}',
    ]) {
      expect((await api.post(of(openid), message)).json).toMatchObject({ recorded: true });
    }
    expect(sentTo(openid)).toMatchObject([
      { text: { tone: 'calm' }, aimsgcontext: { msgid: expect.anything() } },
      { mpnews: { media_id: 'M' } },
      { wxcard: { card_id: 'C' } },
    ]);
    const sent = new Map((await kept(openid)).map(({ kind, details }) => [kind, details]));
    expect(Object.fromEntries(sent)).toEqual({
      wxcard: { card_id: 'C' },
      mpnews: { media_id: 'M' },
      text: { content: 'AI 的回答', tone: 'calm', aimsgcontext: { msgid: '25231685381080001', share: '1e-200' } },
    });
  });

  it("leaves a type that nobody here has heard of to WeChat's judgement", async () => {
    const openid = aSpeaker();
    const body = { msgtype: 'hologram', hologram: 'a text' };
    expect((await api.post(of(openid), body)).json).toMatchObject({ errcode: 40008 });
    const taking = await other({ wechat: async () => ({ errcode: 0 }) });
    expect((await call(taking, `POST ${BASE_PATH}${of(openid)}`, { token: api.token, body })).json).toMatchObject({
      recorded: true,
    });
    expect(await kept(openid)).toMatchObject([{ kind: 'hologram', details: { hologram: 'a text' } }]);
  });

  it('keeps a message as deep as a body may be', async () => {
    const openid = aSpeaker();
    const depth = 30;
    const body = `{"msgtype":"text","text":{"content":"x"},"deep":${'['.repeat(depth)}1${']'.repeat(depth)}}`;
    expect((await api.post(of(openid), body)).json).toMatchObject({ recorded: true });
  });

  it.each(['oSomebodyElse', '', 7, null, ['o']])(
    'refuses touser %j, which is not the follower of the path',
    async (touser) => {
      const openid = aSpeaker();
      const answer = await api.post(of(openid), { ...aText(), touser });
      expect(answer).toMatchObject({ status: 400, json: { issues: [{ path: 'touser' }] } });
      expect(sentTo(openid)).toEqual([]);
    },
  );

  it('takes the touser of the path', async () => {
    const openid = aSpeaker();
    const body = { ...aText(), touser: openid };
    expect((await api.post(of(openid), body)).json).toMatchObject({ errcode: 0 });
  });

  it.each([
    [45015, 'outside the reply window'],
    [45047, 'no replies left'],
    [43004, 'not a follower'],
    [48002, 'follower refuses messages'],
  ])('passes refusal %i on with what it means, and keeps nothing', async (errcode, meaning) => {
    const openid = aSpeaker();
    api.account.simulated.faults.push({ path: SEND, times: 1, fault: { kind: 'errcode', errcode } });

    const { status, json } = await api.post(of(openid), aText());

    expect(status).toBe(200);
    expect(json).toMatchObject({ errcode, detail: expect.stringContaining(meaning) });
    expect(await kept(openid)).toEqual([]);
  });

  it('is in the audit, sent or refused, without its text', async () => {
    const openid = aSpeaker();
    const from = Date.now();
    api.account.simulated.faults.push({ path: SEND, times: 1, fault: { kind: 'errcode', errcode: 45015 } });
    await api.post(of(openid), aText(CANARY));
    await api.post(of(openid), aText(CANARY));

    const { entries } = await backOffice().audit.newestFirst({ from, before: Date.now() + 1, limit: 9 });

    const audited = { action: 'POST /interactions/{openid}', target: openid, status: 200 };
    expect(entries.toReversed()).toMatchObject([
      { ...audited, errcode: 45015 },
      { ...audited, errcode: 0 },
    ]);
    expect(JSON.stringify(entries)).not.toContain(CANARY);
  });

  it('is refused by WeChat for a follower who did nothing', async () => {
    const openid = aSpeaker();
    Object.assign(api.account.state.followers[openid] ?? {}, { allowances: [] });

    expect((await api.post(of(openid), aText())).json).toMatchObject({ errcode: 45015 });
  });

  it.each([
    [{ msgtype: 7 }, 200, 40008, /^msgtype must be a type such as text/],
    [{ text: { content: 'x' } }, 200, 40008, /^msgtype must be a type such as text/],
    [{ msgtype: 'text', text: { content: '' } }, 200, 44004, /^text\.content is empty$/],
    [{ msgtype: 'text', text: { content: '字'.repeat(683) } }, 200, 45002, /2049 bytes, at most 2048/],
    [[], 400, -1, /JSON object/],
    [{ msgtype: 'text', text: { content: 'x', big: 'x'.repeat(65_536) } }, 413, 413, /at most 65536 bytes/],
    [7, 400, -1, /JSON object/],
    ['{', 400, -1, /not well-formed JSON/],
  ])('refuses %j before WeChat is asked', async (body, status, errcode, detail) => {
    const openid = aSpeaker();

    const answer = await api.post(of(openid), body);

    expect(answer).toMatchObject({ status, json: { errcode, detail: expect.stringMatching(detail) } });
    expect(sentTo(openid)).toEqual([]);
  });

  it('says that it is unknown whether the message was sent when WeChat does not answer', async () => {
    const openid = aSpeaker();
    api.account.simulated.faults.push({ path: SEND, times: 1, fault: { kind: 'cut' } });

    const { status, json } = await api.post(of(openid), aText());

    expect(status).toBe(502);
    expect(json).toMatchObject({ detail: expect.stringContaining('It is unknown whether the message was sent.') });
    expect(await kept(openid)).toEqual([]);
  });

  describe('when the history cannot be written', () => {
    let fault: Fault = 'ok';
    let flaky: Awaited<ReturnType<typeof flakyDatabase>>;
    let unlucky: Endpoint;
    let pauses: number[] = [];

    beforeAll(async () => {
      flaky = await flakyDatabase(() => fault);
      const behind = documentClient({ DYNAMODB_ENDPOINT: flaky.url });
      unlucky = await other({
        history: history(behind, tableNamed('interactions'), PLACEMENT),
        sleep: async (ms) => {
          pauses.push(ms);
          if (pauses.length === 2 && fault !== 'error 500') fault = 'ok';
        },
      });
    });
    beforeEach(() => {
      pauses = [];
    });
    afterAll(() => flaky.close());

    it('says that it was sent and not recorded, also when asked again', async () => {
      const openid = newFollower();
      fault = 'error 500';
      const headers = { 'Idempotency-Key': 'not-recorded' };

      const first = await call(unlucky, `POST ${BASE_PATH}${of(openid)}`, { token: api.token, body: aText(), headers });
      const again = await call(unlucky, `POST ${BASE_PATH}${of(openid)}`, { token: api.token, body: aText(), headers });

      expect(first).toMatchObject({
        status: 200,
        json: { errcode: 0, recorded: false, detail: expect.stringMatching(/^WeChat took the message at 2.+Z, but/) },
      });
      expect(again.json).toEqual(first.json);
      expect(pauses).toHaveLength(4);
      expect(await kept(openid)).toEqual([]);
    });

    it('tries again', async () => {
      const openid = newFollower();
      fault = 'throttled';

      expect(
        (await call(unlucky, `POST ${BASE_PATH}${of(openid)}`, { token: api.token, body: aText() })).json,
      ).toMatchObject({ recorded: true });

      expect(pauses).toHaveLength(2);
      expect(await kept(openid)).toHaveLength(1);
    });

    it('keeps one when only the answers are lost', async () => {
      const openid = newFollower();
      fault = 'cut after';

      expect(
        (await call(unlucky, `POST ${BASE_PATH}${of(openid)}`, { token: api.token, body: aText() })).json,
      ).toMatchObject({ recorded: true });

      expect(await kept(openid)).toHaveLength(1);
    });
  });
});

describe('the Idempotency-Key', () => {
  const send = (
    openid: string,
    key: string,
    { body = aText() as object, endpoint = api.handler, as = api.token } = {},
  ) => call(endpoint, `POST ${BASE_PATH}${of(openid)}`, { token: as, body, headers: { 'idempotency-key': key } });

  it('lets ten requests at once send one message', async () => {
    const openid = aSpeaker();

    const answers = await Promise.all(Array.from({ length: 10 }, () => send(openid, 'ten')));

    expect(sentTo(openid)).toHaveLength(1);
    expect(await kept(openid)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(1);
    for (const { status, json } of answers) {
      expect(json).toMatchObject(status === 200 ? { errcode: 0 } : { errcode: 409, errmsg: 'unknown whether sent' });
    }
  });

  it('answers a repetition what was answered first, whatever the order of fields', async () => {
    const openid = aSpeaker();
    const first = await send(openid, 'again', { body: { msgtype: 'text', text: { content: '一' } } });

    const again = await send(openid, 'again', { body: { text: { content: '一' }, msgtype: 'text' } });

    expect(again).toMatchObject({ status: 200, json: first.json });
    expect(sentTo(openid)).toHaveLength(1);
  });

  it('sends nothing else under the same key', async () => {
    const [one, two] = [aSpeaker(), aSpeaker()];
    await send(one, 'taken');

    for (const answer of [await send(two, 'taken'), await send(one, 'taken', { body: aText('别的') })]) {
      expect(answer).toMatchObject({ status: 409, json: { errcode: 409, errmsg: 'Idempotency-Key is in use' } });
    }
    expect([sentTo(one).length, sentTo(two).length]).toEqual([1, 0]);
  });

  it('belongs to one operator', async () => {
    const openid = aSpeaker();
    await send(openid, 'own');
    await send(openid, 'own', { as: await signedIn(['interactions:reply']) });

    expect(sentTo(openid)).toHaveLength(2);
  });

  it('answers 409 however often it is asked when the process died after its claim', async () => {
    const openid = newFollower();
    let asked: () => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const dying: WeChat = () => {
      asked();
      return new Promise<never>(() => undefined);
    };
    void send(openid, 'died', { endpoint: await other({ wechat: dying }) });
    await isAsked;

    for (const _ of [1, 2]) {
      expect(await send(openid, 'died')).toMatchObject({ status: 409, json: { errmsg: 'unknown whether sent' } });
    }
    expect(sentTo(openid)).toEqual([]);
  });

  it.each(['cut', 'html', 'empty'] as const)('stays taken when WeChat gave no answer (%s)', async (kind) => {
    const openid = aSpeaker();
    api.account.simulated.faults.push({ path: SEND, times: 1, fault: { kind } });

    expect((await send(openid, `silent-${kind}`)).status).toBe(502);
    expect((await send(openid, `silent-${kind}`)).status).toBe(409);
    expect(sentTo(openid)).toEqual([]);
  });

  it('is given back by a refusal: the same request succeeds once the follower has written', async () => {
    const openid = aSpeaker();
    api.account.simulated.faults.push({ path: SEND, times: 1, fault: { kind: 'errcode', errcode: 45015 } });

    expect((await send(openid, 'refused')).json).toMatchObject({ errcode: 45015 });
    expect((await send(openid, 'refused')).json).toMatchObject({ errcode: 0, recorded: true });
    expect((await send(openid, 'refused')).json).toMatchObject({ errcode: 0, recorded: true });
    expect(sentTo(openid)).toHaveLength(1);
  });

  it.each([
    ['without a token', unreachable('access_token', 'It cannot be invoked.'), 502],
    ['for a fault of ours', new TypeError('a bug'), 500],
  ])('is given back when WeChat was never asked, %s', async (_, error, status) => {
    const openid = aSpeaker();
    const failing = await other({ wechat: () => Promise.reject(error) });

    expect((await send(openid, `never-${status}`, { endpoint: failing })).status).toBe(status);
    expect((await send(openid, `never-${status}`)).json).toMatchObject({ errcode: 0 });
    expect(sentTo(openid)).toHaveLength(1);
  });

  it.each([['x'.repeat(65)], ['键'], ['']])('is refused if it is not 1–64 printable characters: %p', async (key) => {
    const openid = aSpeaker();

    expect(await send(openid, key)).toMatchObject({
      status: 400,
      json: { detail: expect.stringMatching(/^Idempotency-Key: /) },
    });
    expect(sentTo(openid)).toEqual([]);
  });
});

it.each([
  ['GET /interactions', 'interactions:read'],
  ['GET /interactions/oAny', 'interactions:read'],
  ['POST /interactions/oAny', 'interactions:reply'],
] as const)('%s asks for the permission %s', async (request, permission) => {
  const otherwise = permission === 'interactions:read' ? 'interactions:reply' : 'interactions:read';

  expect(await api.send(request, { token: '' })).toMatchObject({ status: 401 });
  expect(await api.send(request, { token: await signedIn([otherwise]) })).toMatchObject({
    status: 403,
    json: { detail: `needs the permission ${permission}` },
  });
});

it.each(['%20', 'o%E4%BD%A0', 'o'.repeat(129)])('refuses %s, which is no openid', async (openid) => {
  expect(await api.get(of(openid))).toMatchObject({
    status: 400,
    json: { detail: 'openid: must be an openid: letters, digits, - and _, at most 128' },
  });
});
