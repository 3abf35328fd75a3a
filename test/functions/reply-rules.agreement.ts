import fc from 'fast-check';
import { replyRules } from '../../functions/reply-rules/handler.ts';
import { deciding } from '../../functions/webhook/decide.ts';
import { endpoint } from '../../lib/http/endpoint.ts';
import { decideFromRules, rulesCache } from '../../lib/replies/rules/cache.ts';
import type { ReplyRule } from '../../lib/replies/rules/rule.ts';
import type { Action, Condition, RuleWindow } from '../../lib/replies/rules/shape.ts';
import type { DeliveryRecord, Recorder, RecordResult } from '../../lib/tables/interactions/record.ts';
import type { ReplyRulesTable } from '../../lib/tables/reply-rules.ts';
import { cdata } from '../../lib/wechat/callback/cdata.ts';
import { type Reply, renderReply } from '../../lib/wechat/callback/passive-reply.ts';
import { overBudget, reading } from '../lib/replies/rules/rules.ts';
import { NOW, plain } from '../support/callback.ts';
import { call } from '../support/events.ts';
import { instance } from '../support/webhook.ts';

/** A few words and moments, so that rules and deliveries often have to do with each other. */
const WORDS = ['你好', 'Hello', 'ＨＥＬＬＯ', '发票', '查 123', '😀', ']]>', ' ', 'hi<a href=x>', '{{text}}'];
const word = fc.constantFrom(...WORDS);
const said = fc.array(word, { maxLength: 3 }).map((words) => words.join(''));
const id = fc.constantFrom('shop', '1000', 'V1');
const ids = fc.option(fc.uniqueArray(id, { minLength: 1 }), { nil: undefined });

const menuEvent = fc.constantFrom('CLICK' as const, 'scancode_waitmsg', 'pic_weixin', 'location_select');

const comparison = fc.oneof(
  fc.record({ comparison: fc.constantFrom('equals' as const, 'contains', 'starts_with'), value: word }),
  fc.record({
    comparison: fc.constant('matches' as const),
    value: fc.constantFrom('(\\d)(\\d+)', '^h(.*)o$', '你|票', '(', '(?s).{3}', '\\p{Han}+$'),
  }),
);

const condition = fc.oneof(
  fc
    .record({
      any_of: fc.array(comparison, { minLength: 1, maxLength: 3 }),
      voice: fc.constantFrom(true, false, undefined),
    })
    .map(({ any_of, voice }): Condition => ({ type: 'text', any_of, ...(voice !== undefined && { voice }) })),
  ids.map((ids): Condition => ({ type: 'msgmenu', ...(ids && { ids }) })),
  fc.constantFrom<Condition>(
    { type: 'anything' },
    { type: 'message', message_types: ['text'] },
    { type: 'message', message_types: ['image', 'voice', 'location'] },
    { type: 'event', event: 'LOCATION' },
  ),
  fc
    .record({ event: fc.constantFrom('subscribe' as const, 'SCAN'), scenes: ids })
    .map(({ event, scenes }): Condition => ({ type: 'event', event, ...(scenes && { scenes }) })),
  fc
    .record({ event: menuEvent, keys: ids })
    .map(({ event, keys }): Condition => ({ type: 'event', event, ...(keys && { keys }) })),
);

const window = fc.constantFrom<RuleWindow | undefined>(
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  { time_zone: 'Asia/Shanghai', hours: { from: '22:00', to: '06:00' }, weekdays: ['thu', 'fri', 'sat'] },
  { time_zone: 'America/New_York', hours: { from: '09:00', to: '18:00' } },
  { time_zone: 'UTC', from: '2026-01-02', until: '2026-01-04' },
);

const text = fc
  .constantFrom(
    '好',
    '{{text}}',
    '{{openid}}: {{1}}/{{2}}',
    '{{time}}',
    '<a href="https://example.com/{{text}}">{{text}}</a>',
  )
  .map((content) => ({ type: 'text' as const, content }));
const answer: fc.Arbitrary<Action> = fc.oneof(
  text,
  text,
  fc.constant(null),
  fc.constant<Action>({ type: 'news', articles: [{ title: '一' }] }),
  fc.array(text, { minLength: 1, maxLength: 3 }).map((replies) => ({ type: 'random' as const, replies })),
);

const rule = fc.record({ enabled: fc.constantFrom(true, true, true, false), window, condition, answer });
const rules = fc.array(rule, { maxLength: 8, size: 'max' }).map((list) =>
  list.map(
    ({ window, ...each }, index): ReplyRule => ({
      ...each,
      ...(window && { window }),
      id: `rule-${index}`,
      name: `rule ${index}`,
      position: `50000${index}`,
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
    }),
  ),
);

/** A delivery as one tries it, and the elements in which WeChat pushes it. */
type Pair = { readonly short: object; readonly elements: Readonly<Record<string, string>> };

const asEvent = (event: string, short: object, elements: object): Pair => ({
  short: { type: 'event', event, ...short },
  elements: { MsgType: 'event', Event: event, ...elements },
});

const delivery: fc.Arbitrary<Pair> = fc.oneof(
  {
    weight: 3,
    arbitrary: said.map((content) => ({
      short: { type: 'text', content },
      elements: { MsgType: 'text', Content: content },
    })),
  },
  fc.record({ content: said, id }).map(({ content, id }) => ({
    short: { type: 'text', content, bizmsgmenuid: id },
    elements: { MsgType: 'text', Content: content, bizmsgmenuid: id },
  })),
  fc.record({ said, mark: fc.constantFrom('', '。', '！？', '…') }).map(({ said, mark }) => ({
    short: { type: 'voice', recognition: said + mark },
    elements: { MsgType: 'voice', Recognition: said + mark },
  })),
  fc
    .constantFrom('image', 'voice', 'video', 'location')
    .map((type) => ({ short: { type }, elements: { MsgType: type } })),
  id.map((scene) => asEvent('subscribe', { scene }, { EventKey: `qrscene_${scene}` })),
  fc.constant(asEvent('subscribe', {}, { EventKey: '' })),
  id.map((scene) => asEvent('SCAN', { scene }, { EventKey: scene })),
  fc.record({ event: menuEvent, key: id }).map(({ event, key }) => asEvent(event, { key }, { EventKey: key })),
  fc.constantFrom('LOCATION', 'unsubscribe', 'VIEW', 'TEMPLATESENDJOBFINISH').map((event) => asEvent(event, {}, {})),
);

const moment = fc.integer({ min: 0, max: 7 * 24 * 60 }).map((minutes) => NOW + minutes * 60_000);
const chance = fc.double({ min: 0, max: 0.999, noNaN: true });

const keep = async (_: unknown, { reply, receivedAt }: DeliveryRecord): Promise<RecordResult> => ({
  reply,
  receivedAt,
  isRepeated: false,
});
const record = new Proxy({}, { get: () => keep }) as Recorder;

type World = { readonly list: readonly ReplyRule[]; readonly now: number; readonly random: () => number };

/** What the endpoint and the webhook have in common in one run; both were made once. */
let world: World = { list: [], now: NOW, random: () => 0 };
let ask: ReturnType<typeof decideFromRules>;
const now = () => world.now;

const operator = {
  username: 'o',
  display_name: 'o',
  administrator: true,
  permissions: [],
  must_change_password: false,
};
const trying = endpoint(
  replyRules({
    rules: { all: async () => [...world.list] } as unknown as ReplyRulesTable,
    now: () => NOW,
    random: () => world.random(),
  }),
  {
    now: () => NOW,
    authenticate: async () => operator,
    audit: { append: async () => undefined, appendRead: async () => undefined },
  },
);

const receiving = instance('plain', {
  record,
  now,
  decide: deciding({ handlers: {}, rules: (delivery) => ask(delivery), welcomeText: undefined }),
});

async function tried(short: object) {
  const body = { delivery: short, at: new Date(world.now).toISOString() };
  const { json } = await call(trying, 'POST /api/v0.1/reply-rules/try', { body, token: 'any' });
  return json as { reply: Reply | null; rule: { id: string } | null; unreachable: { id: string }[] };
}

async function pushed(elements: Pair['elements']): Promise<string | undefined> {
  const cache = rulesCache({ ...reading(world.list), now, failed: fail });
  ask = decideFromRules(cache, { now, random: world.random, overBudget });
  const all = {
    ToUserName: 'gh_account',
    FromUserName: 'oFollower',
    CreateTime: String(world.now / 1000),
    ...elements,
  };
  const inner = Object.entries(all).map(([name, value]) => `<${name}>${cdata(value)}</${name}>`);
  const { body } = await receiving(plain(`<xml>${inner.join('')}</xml>`, { time: world.now }));
  return body;
}

function fail(error: unknown): never {
  throw error;
}

/** The first rule cannot say whether it applies: the second answers, and is not unreachable. */
const AFTER_A_BROKEN_RULE = brokenExample();

function brokenExample(): [ReplyRule[], Pair, number, number] {
  const pattern = { comparison: 'matches', value: '^h(.*)o$' } as const;
  const rule = (index: number, any_of: { comparison: 'matches'; value: string }[]): ReplyRule => ({
    id: `rule-${index}`,
    name: `rule ${index}`,
    position: `50000${index}`,
    enabled: true,
    condition: { type: 'text', any_of },
    answer: { type: 'text', content: '好' },
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
  });
  const hello = { short: { type: 'text', content: 'Hello' }, elements: { MsgType: 'text', Content: 'Hello' } };
  return [[rule(0, [{ comparison: 'matches', value: '(' }, pattern]), rule(1, [pattern])], hello, NOW, 0];
}

/** `POST /reply-rules/try` beside the webhook, on as many pairs of rules and a delivery as asked for. */
export async function expectAgreement(numRuns: number): Promise<void> {
  const heard = { replies: 0, silences: 0 };
  await fc.assert(
    fc.asyncProperty(rules, delivery, moment, chance, async (list, { short, elements }, now, number) => {
      world = { list, now, random: () => number };
      const { reply, rule: answering, unreachable } = await tried(short);
      heard[reply === null ? 'silences' : 'replies']++;
      const parties = { to: 'oFollower', from: 'gh_account', createTime: now / 1000 };
      expect(await pushed(elements)).toBe(reply === null ? 'success' : renderReply(reply, parties));
      expect(unreachable.map((each) => each.id)).not.toContain(answering?.id);
    }),
    { numRuns, seed: 20261122, examples: [AFTER_A_BROKEN_RULE] },
  );
  expect(Math.min(heard.replies, heard.silences)).toBeGreaterThan(numRuns * 0.15);
}
