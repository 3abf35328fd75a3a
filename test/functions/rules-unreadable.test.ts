import { deciding } from '../../functions/webhook/decide.ts';
import { decideFromRules, rulesCache } from '../../lib/replies/rules/cache.ts';
import type { ReplyRule } from '../../lib/replies/rules/rule.ts';
import { aRule, NOW, overBudget } from '../lib/replies/rules/rules.ts';
import { plain, subscription, textMessage } from '../support/callback.ts';
import { makeTables } from '../support/tables.ts';
import { everyInteraction, instance } from '../support/webhook.ts';

beforeAll(makeTables);

type World = { welcomeText?: string };

/** Processes of the webhook that each know no rules yet, a table of rules that may be unreadable, and WeChat's clock. */
function world({ welcomeText }: World = {}) {
  const state = { now: NOW, list: [aRule({ name: 'first' })] as ReplyRule[], isReadable: true, slept: [] as number[] };
  const now = () => state.now;
  const read = async <T>(value: T): Promise<T> => {
    if (!state.isReadable) throw new Error('throttled');
    return value;
  };
  const process = () => {
    const ports = { version: () => read('one'), list: () => read(state.list), failed: () => undefined, now };
    const rules = decideFromRules(rulesCache(ports), { now, overBudget });
    const decide = deciding({ handlers: {}, rules, welcomeText });
    return instance('plain', { decide, now, sleep: async (ms) => state.slept.push(ms) });
  };
  /** One attempt of WeChat's, in a process of its own, so many seconds after the first. */
  async function attempt(xml: string, second = 0) {
    state.now = NOW + second * 1_000;
    const { statusCode, body = '' } = await process()(plain(xml, { time: state.now }));
    if (statusCode !== 200) return 'held';
    return /<Content><!\[CDATA\[(.*)\]\]>/.exec(body)?.[1] ?? body;
  }
  return { state, attempt, process };
}

const keptOf = async (openid: string) =>
  (await everyInteraction())
    .filter((kept) => kept.openid === openid)
    .sort((one, other) => (one.created < other.created ? -1 : 1));

describe('while the rules cannot be read, a delivery', () => {
  it('is recorded undecided, held past five seconds, and decided anew by the repetition, once', async () => {
    const { state, attempt } = world();
    const xml = textMessage('hi', { from: 'oHeld' });
    state.isReadable = false;
    expect(await attempt(xml)).toBe('held');
    expect(state.slept).toEqual([5_200]);
    const [held, ...none] = await keptOf('oHeld');
    expect(held).toMatchObject({ direction: 'in', kind: 'text', reply: null, pending: true });
    expect(held).not.toHaveProperty('answered_by');
    expect(none).toEqual([]);

    state.isReadable = true;
    expect(await attempt(xml, 5)).toBe('first');
    state.list = [aRule({ name: 'second' })];
    expect(await attempt(xml, 10)).toBe('first');
    const [delivery, reply, ...more] = await keptOf('oHeld');
    expect(delivery).toEqual(held);
    expect(reply).toMatchObject({
      created: `${held?.created}~reply`,
      direction: 'out',
      kind: 'text',
      details: { content: 'first' },
      answered_by: expect.stringMatching(/^rule:/),
    });
    expect(more).toEqual([]);
  });

  it('is given the reply that was decided before, also by a process that cannot read them', async () => {
    const { state, attempt } = world();
    const xml = textMessage('hi', { from: 'oAgain' });
    state.isReadable = false;
    expect(await attempt(xml)).toBe('held');
    state.isReadable = true;
    expect(await attempt(xml, 5)).toBe('first');
    state.isReadable = false;
    expect(await attempt(xml, 10)).toBe('first');
  });

  it('gets one reply when two repetitions decide differently at the same moment', async () => {
    const { state, attempt, process } = world();
    const xml = textMessage('hi', { from: 'oBoth' });
    state.isReadable = false;
    expect(await attempt(xml)).toBe('held');
    state.isReadable = true;
    const [one, other] = [process(), process()];
    state.now += 5_000;
    const first = one(plain(xml, { time: state.now }));
    state.list = [aRule({ name: 'second' })];
    const bodies = (await Promise.all([first, other(plain(xml, { time: state.now }))])).map(({ body }) => body);
    expect(bodies[0]).toBe(bodies[1]);
    expect(await keptOf('oBoth')).toHaveLength(2);
  });

  it('is answered with success by the last attempt, so that the follower sees no notice of a failure', async () => {
    const { state, attempt } = world();
    const xml = textMessage('hi', { from: 'oNever' });
    state.isReadable = false;
    expect(await attempt(xml)).toBe('held');
    expect(await attempt(xml, 5)).toBe('held');
    expect(await attempt(xml, 10)).toBe('success');
    expect(await keptOf('oNever')).toHaveLength(1);
  });

  it('that no rule is about is answered with success by the repetition', async () => {
    const { state, attempt } = world();
    const xml = textMessage('hi', { from: 'oNoRule' });
    state.isReadable = false;
    state.list = [];
    expect(await attempt(xml)).toBe('held');
    state.isReadable = true;
    expect(await attempt(xml, 5)).toBe('success');
    expect(await keptOf('oNoRule')).toHaveLength(1);
  });

  it('that is a subscription is not welcomed before the rules are asked', async () => {
    const { state, attempt } = world({ welcomeText: 'welcome' });
    const xml = subscription('oNew');
    state.isReadable = false;
    expect(await attempt(xml)).toBe('held');
    state.isReadable = true;
    expect(await attempt(xml, 5)).toBe('first');
    const other = subscription('oNewer');
    state.isReadable = false;
    expect(await attempt(other)).toBe('held');
    state.isReadable = true;
    state.list = [];
    expect(await attempt(other, 5)).toBe('welcome');
  });

  it('that was decided when it first came is answered like that', async () => {
    const { state, attempt } = world();
    const xml = textMessage('hi', { from: 'oDecided' });
    expect(await attempt(xml)).toBe('first');
    state.isReadable = false;
    expect(await attempt(xml, 5)).toBe('first');
    expect(await keptOf('oDecided')).toHaveLength(1);
  });
});
