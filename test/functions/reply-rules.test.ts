import { handler } from '../../functions/reply-rules/handler.ts';
import { ruleList } from '../../functions/reply-rules/rule-list.ts';
import type { NewRule } from '../../lib/replies/rules/draft.ts';
import { replyRulesTable } from '../../lib/tables/reply-rules.ts';
import { signedIn } from '../support/account.ts';
import { textMessage } from '../support/callback.ts';
import { CANARY } from '../support/canary.ts';
import { call } from '../support/events.ts';
import { refusedInput } from '../support/refused.ts';
import { database, makeTables, tableNamed } from '../support/tables.ts';

const BASE = '/api/v0.1/reply-rules';
const TRY = `POST ${BASE}/try`;
const rules = replyRulesTable(database(), tableNamed('reply-rules'));

const GREETING = {
  name: '问候',
  condition: { type: 'text', any_of: [{ comparison: 'contains', value: '你好' }] },
  answer: { type: 'text', content: '你好，{{openid}}' },
};
const REST = { name: '其他', condition: { type: 'anything' }, answer: null } as const;
const AT = '2026-01-01T00:00:00.000Z';

let token: string;

beforeAll(async () => {
  await makeTables();
  token = await signedIn();
});
beforeEach(async () => {
  for (const { id } of await rules.all()) await rules.remove(id);
});

const ask = async (request: string, body?: unknown) => {
  const { status, json } = await call(handler, request, { token, ...(body !== undefined && { body }) });
  return { status, json: json as Record<string, unknown> };
};
const created = async (rule: object): Promise<string> => String((await ask(`POST ${BASE}`, rule)).json.id);
const names = async () => ((await ask(`GET ${BASE}`)).json.reply_rules as { name: string }[]).map(({ name }) => name);
const refusal = (detail: unknown) => ({
  status: 400,
  json: refusedInput(detail),
});

describe('the list', () => {
  it('is empty at first, and says how texts are compared and what its limits are', async () => {
    expect(await ask(`GET ${BASE}`)).toEqual({
      status: 200,
      json: {
        reply_rules: [],
        steps: 0,
        comparison: expect.stringContaining('全角/半角'),
        limits: expect.objectContaining({ rules: 500, pattern_reads_characters: 1024 }),
      },
    });
  });

  it('keeps rules in the order they were put', async () => {
    const a = await created({ ...REST, name: 'a' });
    await created({ ...REST, name: 'z' });
    await created({ ...REST, name: 'b', after: a });
    await created({ ...REST, name: '0', before: a });
    expect(await names()).toEqual(['0', 'a', 'b', 'z']);
  });

  it('keeps the order of rules whose positions are digits, and puts others among them', async () => {
    for (const [name, position] of Object.entries({ a: '499999', b: '500000', c: '5000005', d: '500001' }))
      await rules.create({ ...REST, id: name, name, enabled: true, position, created_at: AT, updated_at: AT });
    await created({ ...REST, name: 'last' });
    await created({ ...REST, name: 'between', after: 'b' });
    await ask(`PUT ${BASE}/d`, { ...REST, name: 'd', before: 'a' });
    expect(await names()).toEqual(['d', 'a', 'b', 'between', 'c', 'last']);
  });

  it('takes no rule that would make all too costly together, and names the costliest', async () => {
    const costly = (name: string, value: string, but = {}) => ({
      ...GREETING,
      ...{ name, condition: { type: 'text', any_of: Array(50).fill({ comparison: 'matches', value }) }, ...but },
    });
    const first = await created(costly('一', '(?:a?){25}b'));
    const second = await created(costly('二', '(?:a?){20}b'));
    const off = await created(costly('三', '(?:a?){30}b', { enabled: false }));
    await created(GREETING);
    const costs = expect.stringMatching(
      /^the rules take \d+ steps, at most 8388608; the costliest: "三" \(.+\) \d+, "一" \(.+\) \d+, "二" \(.+\) \d+, "问候"/,
    );
    const refused = {
      status: 409,
      json: { errcode: 409, errmsg: 'the rules take too many steps or bytes', detail: costs },
    };
    expect(await ask(`POST ${BASE}`, costly('三', '(?:a?){30}b'))).toEqual(refused);
    expect(await ask(`PUT ${BASE}/${off}`, costly('三', '(?:a?){30}b'))).toEqual(refused);
    expect(await names()).toEqual(['一', '二', '三', '问候']);
    const { steps } = (await ask(`GET ${BASE}`)).json;
    expect(steps).toBeLessThan(8_388_608);
    expect((await ask(`PUT ${BASE}/${second}`, GREETING)).status).toBe(200);
    expect((await ask(`PUT ${BASE}/${off}`, costly('三', '(?:a?){20}b'))).status).toBe(200);
    expect((await ask(`DELETE ${BASE}/${first}`)).status).toBe(200);
  });

  it('takes no rule that would make all larger than a megabyte together, and names the largest', async () => {
    const large = (name: string, count: number) => ({
      ...REST,
      name,
      answer: { type: 'random', replies: Array(count).fill({ type: 'text', content: '满'.repeat(670) }) },
    });
    for (let number = 0; number < 72; number++) {
      const at = new Date(0).toISOString();
      const ours = { id: `large-${number}`, position: '500000', enabled: true, created_at: at, updated_at: at };
      await rules.create({ ...large('large', 7), ...ours } as never);
    }
    const { status, json } = await ask(`POST ${BASE}`, large('last', 7));
    expect(status).toBe(409);
    expect(json.detail).toMatch(/^the rules take \d+ bytes, at most 1048576; the costliest: "last" \(.+\) 14\d{3}, /);
  });

  it('takes no 501st rule', async () => {
    const { add } = ruleList(rules, () => `n${++number}`);
    let number = 0;
    const rule = { rule: { ...REST, enabled: true }, place: {} } as NewRule;
    await add(rule, 0);
    const full = { ...rules, all: async () => Array(500).fill(await rules.byId('n1')) };
    await expect(ruleList(full, () => 'x').add(rule, 0)).rejects.toMatchObject({ status: 409 });
  });
});

describe('a rule', () => {
  it('is created, read, replaced and removed', async () => {
    const { status, json: rule } = await ask(`POST ${BASE}`, GREETING);
    const at = expect.stringMatching(/^20.*Z$/);
    expect({ status, rule }).toEqual({
      status: 200,
      rule: { ...GREETING, enabled: true, id: expect.any(String), position: 'a0', created_at: at, updated_at: at },
    });
    expect(await ask(`GET ${BASE}/${rule.id}`)).toEqual({ status: 200, json: rule });

    const replaced = await ask(`PUT ${BASE}/${rule.id}`, { ...rule, name: '改', enabled: false });
    expect(replaced.json).toEqual({ ...rule, name: '改', enabled: false, updated_at: at });
    expect((await ask(`GET ${BASE}/${rule.id}`)).json).toEqual(replaced.json);

    expect(await ask(`DELETE ${BASE}/${rule.id}`)).toEqual({ status: 200, json: { errcode: 0, errmsg: 'ok' } });
    expect((await ask(`GET ${BASE}/${rule.id}`)).status).toBe(404);
  });

  it('moves when it is replaced with a place', async () => {
    const a = await created({ ...REST, name: 'a' });
    await created({ ...REST, name: 'b' });
    const c = await created({ ...REST, name: 'c' });
    await ask(`PUT ${BASE}/${c}`, { ...REST, name: 'c', before: a });
    expect(await names()).toEqual(['c', 'a', 'b']);
    expect(await ask(`PUT ${BASE}/${a}`, { ...REST, after: a })).toEqual(refusal('after: no rule has this id'));
  });

  it.each(['id', 'position', 'created_at', 'updated_at'])('that is new may not bring its %s', async (field) => {
    expect(await ask(`POST ${BASE}`, { ...GREETING, [field]: 'x' })).toEqual(
      refusal(expect.stringMatching(new RegExp(`^${field} is unknown`))),
    );
  });

  it('is not replaced by one with the id of another', async () => {
    const [one, other] = [await created(GREETING), await created(REST)];
    expect(await ask(`PUT ${BASE}/${one}`, { ...GREETING, id: other })).toEqual(
      refusal('id: must be equal to that in the path'),
    );
    expect((await ask(`PUT ${BASE}/${one}`, { ...GREETING, id: one })).status).toBe(200);
  });

  it.each(['GET', 'PUT', 'DELETE'])('whose id is too long for a key is not there for %s', async (method) => {
    const asked = ask(`${method} ${BASE}/${'i'.repeat(1_025)}`, method === 'PUT' ? REST : undefined);
    expect((await asked).status).toBe(404);
  });

  it.each(['GET', 'PUT', 'DELETE'])('that is not there is 404 for %s', async (method) => {
    expect(await ask(`${method} ${BASE}/nobody`, method === 'PUT' ? REST : undefined)).toEqual({
      status: 404,
      json: { errcode: 404, errmsg: 'no such rule', detail: 'no rule has the id nobody' },
    });
  });

  it.each<[object, string]>([
    [{ name: '' }, 'name is empty'],
    [
      { condition: { type: 'text', any_of: [{ comparison: 'matches', value: '(a' }] } },
      'condition.any_of[0].value is not RE2',
    ],
    [
      { answer: { type: 'news', articles: [{ title: 'T' }, { title: '' }] } },
      'answer.articles has 2 entries, at most 1',
    ],
    [
      {
        condition: { type: 'event', event: 'subscribe' },
        answer: { type: 'news', articles: [{ title: 'T' }, { title: '' }] },
      },
      'answer.articles[1].title is empty',
    ],
    [{ after: 'nobody' }, 'after: no rule has this id'],
  ])('is refused on saving, the place named: %j', async (but, detail) => {
    const other = await created(REST);
    expect(await ask(`POST ${BASE}`, { ...GREETING, ...but })).toEqual(refusal(expect.stringContaining(detail)));
    expect(await ask(`PUT ${BASE}/${other}`, { ...GREETING, ...but })).toEqual(
      refusal(expect.stringContaining(detail)),
    );
    expect(await names()).toEqual([REST.name]);
  });
});

describe('a trial', () => {
  it('tells which rule answers, with what, and why those before it did not', async () => {
    const off = await created({ ...REST, name: 'off', enabled: false });
    const greeting = await created(GREETING);
    const rest = await created(REST);
    const after = await created({ ...GREETING, name: 'late' });
    const { json } = await ask(TRY, { delivery: { type: 'text', content: ' 您好 ' } });
    expect(json).toEqual({
      rule: { id: rest, name: '其他' },
      reply: null,
      passed: [
        { id: off, name: 'off', why: 'the rule is disabled' },
        { id: greeting, name: '问候', why: 'no comparison matches the text' },
      ],
      unreachable: [{ id: after, name: 'late', because: [{ id: greeting, name: '问候' }] }],
      text_from: 'content',
      steps: expect.any(Number),
      comparison: expect.stringContaining('全角/半角'),
    });
    const greeted = await ask(TRY, { delivery: { type: 'text', content: `你好 ${CANARY}`, from: 'oSomeone' } });
    expect(greeted.json).toMatchObject({ rule: { id: greeting }, reply: { type: 'text', content: '你好，oSomeone' } });
  });

  it('takes the XML that WeChat pushes', async () => {
    await created(GREETING);
    const { json } = await ask(TRY, { xml: textMessage('你好') });
    expect(json).toMatchObject({ reply: { content: '你好，oDemo0001' }, passed: [] });
  });

  it('says that it read what a voice message says, and which rules do not', async () => {
    const typed = await created({ ...GREETING, name: 'typed', condition: { ...GREETING.condition, voice: false } });
    const spoken = await created({ ...GREETING, answer: { type: 'text', content: '{{text}}' } });
    const voice = { type: 'voice', recognition: '你好！' };
    expect((await ask(TRY, { delivery: voice })).json).toMatchObject({
      rule: { id: spoken },
      reply: { content: '你好！' },
      passed: [{ id: typed, why: 'the condition does not apply to voice messages' }],
      text_from: 'recognition',
      comparison: expect.stringContaining('Recognition'),
    });
    expect((await ask(TRY, { delivery: { type: 'voice' } })).json).toMatchObject({ rule: null, text_from: null });
  });

  it('takes a tap on an entry of a msgmenu', async () => {
    const entry = await created({ name: 'entry', condition: { type: 'msgmenu', ids: ['101'] }, answer: null });
    const tap = (bizmsgmenuid: string) => ({ delivery: { type: 'text', content: '满意', bizmsgmenuid } });
    expect((await ask(TRY, tap('101'))).json).toMatchObject({ rule: { id: entry } });
    expect((await ask(TRY, tap('102'))).json).toMatchObject({
      rule: null,
      passed: [{ why: 'no id matches the menu entry' }],
    });
  });

  it('takes place at a moment', async () => {
    await created({ ...GREETING, window: { time_zone: 'America/New_York', hours: { from: '09:00', to: '18:00' } } });
    const at = async (at: string) => (await ask(TRY, { delivery: { type: 'text', content: '你好' }, at })).json;
    expect(await at('2026-01-01T14:00:00Z')).toMatchObject({ rule: { name: '问候' } });
    expect(await at('2026-01-01T13:59:59Z')).toMatchObject({
      rule: null,
      reply: null,
      passed: [{ why: 'the time is outside the hours of the rule' }],
    });
  });

  it.each([
    [{ type: 'event', event: 'subscribe', scene: 'shop' }, 'subscribe'],
    [{ type: 'event', event: 'SCAN', scene: 'shop' }, 'SCAN'],
    [{ type: 'event', event: 'CLICK', key: 'shop' }, 'CLICK'],
    [{ type: 'event', event: 'LOCATION' }, 'LOCATION'],
    [{ type: 'location' }, 'messages'],
    [{ type: 'event', event: 'SCAN' }, null],
  ])('of %j is answered by %s', async (delivery, name) => {
    for (const event of ['subscribe', 'SCAN']) {
      await created({ name: event, condition: { type: 'event', event, scenes: ['shop'] }, answer: null });
    }
    await created({ name: 'CLICK', condition: { type: 'event', event: 'CLICK', keys: ['shop'] }, answer: null });
    await created({ name: 'LOCATION', condition: { type: 'event', event: 'LOCATION' }, answer: null });
    await created({ name: 'messages', condition: { type: 'message', message_types: ['location'] }, answer: null });
    expect((await ask(TRY, { delivery })).json.rule).toEqual(name && { id: expect.any(String), name });
  });

  it.each<[unknown, string]>([
    [{}, 'delivery is missing'],
    [{ delivery: { type: 'text', content: 'x' }, xml: '<xml/>' }, 'delivery and xml are both given'],
    [{ delivery: { type: 'sms' } }, 'delivery.type: must be one of text, voice, event, image'],
    [{ delivery: { type: 'text' } }, 'delivery.content is missing'],
    [{ delivery: { type: 'event', event: 'party' } }, 'delivery.event: must be one of subscribe'],
    [{ delivery: { type: 'text', content: 'x' }, at: 'noon' }, 'at: must be a time such as'],
    [{ xml: '<xml>' }, 'xml: '],
    [{ xml: '<xml><CreateTime>x</CreateTime></xml>' }, 'xml: CreateTime is not a time in seconds'],
    [[], 'the body is not a JSON object'],
  ])('of %j is refused', async (body, detail) => {
    expect(await ask(TRY, body)).toEqual(refusal(expect.stringContaining(detail)));
  });
});

it.each([
  [`GET ${BASE}`, 'reply-rules:read'],
  [`GET ${BASE}/x`, 'reply-rules:read'],
  [TRY, 'reply-rules:read'],
  [`POST ${BASE}`, 'reply-rules:write'],
  [`PUT ${BASE}/x`, 'reply-rules:write'],
  [`DELETE ${BASE}/x`, 'reply-rules:write'],
] as const)('%s needs the permission %s', async (request, permission) => {
  const others = (['reply-rules:read', 'reply-rules:write', 'menu:write'] as const).filter(
    (each) => each !== permission,
  );
  const { status, json } = await call(handler, request, { token: await signedIn(others), body: {} });
  expect({ status, json }).toMatchObject({ status: 403, json: { detail: `needs the permission ${permission}` } });
  expect((await call(handler, request, { body: {} })).status).toBe(401);
  const permitted = await call(handler, request, { token: await signedIn([permission]), body: {} });
  expect([200, 400, 404]).toContain(permitted.status);
});
