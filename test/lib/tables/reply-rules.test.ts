import type { ReplyRule } from '../../../lib/replies/rules/rule.ts';
import { replyRulesTable } from '../../../lib/tables/reply-rules.ts';
import { database, makeTables, tableNamed } from '../../support/tables.ts';

const rules = replyRulesTable(database(), tableNamed('reply-rules'));

const aRule = (id: string, but: Partial<ReplyRule> = {}): ReplyRule => ({
  id,
  position: '500000',
  name: id,
  enabled: true,
  condition: { type: 'anything' },
  answer: null,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  ...but,
});

beforeAll(makeTables);

it('gives a rule back as it was created, once', async () => {
  const rule = aRule('whole', {
    window: { time_zone: 'Asia/Shanghai', weekdays: ['mon'], hours: { from: '22:00', to: '06:00' } },
    condition: { type: 'text', any_of: [{ comparison: 'matches', value: '^查(.*)' }] },
    answer: {
      type: 'random',
      replies: [
        { type: 'text', content: '好😀' },
        { type: 'news', articles: [{ title: '' }] },
      ],
    },
  });
  expect(await rules.create(rule)).toBe(true);
  expect(await rules.create(aRule('whole'))).toBe(false);
  expect(await rules.byId('whole')).toEqual(rule);
});

it('replaces a rule as a whole, and only one that is there', async () => {
  await rules.create(aRule('old', { window: { time_zone: 'UTC' } }));
  expect(await rules.replace(aRule('old', { name: 'new' }))).toBe(true);
  expect(await rules.byId('old')).toEqual(aRule('old', { name: 'new' }));
  expect(await rules.replace(aRule('nobody'))).toBe(false);
  expect(await rules.byId('nobody')).toBeUndefined();
});

it('removes a rule once', async () => {
  await rules.create(aRule('leaving'));
  expect(await rules.remove('leaving')).toBe(true);
  expect(await rules.remove('leaving')).toBe(false);
  expect(await rules.byId('leaving')).toBeUndefined();
});

it('reads all, also when they fill more than one page of a query', async () => {
  const content = '满'.repeat(5_000);
  for (let number = 0; number < 90; number++) {
    await rules.create(aRule(`many-${number}`, { answer: { type: 'text', content } }));
  }
  const many = (await rules.all()).filter(({ id }) => id.startsWith('many-'));
  expect(new Set(many.map(({ id }) => id)).size).toBe(90);
});

it('ends reading when the signal says so', async () => {
  await expect(rules.all(AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});

describe('the version', () => {
  const version = () => rules.version(new AbortController().signal);
  const calls: string[] = [];
  /** The table by way of a client that tells every write, and fails from one of them on. */
  const failingFrom = (first: number) => {
    calls.length = 0;
    const db = new Proxy(database(), {
      get: (target, name) =>
        name === 'send'
          ? async (command: { constructor: { name: string }; input: { Item?: { pk?: string } } }) => {
              calls.push(`${command.constructor.name} ${command.input.Item?.pk ?? ''}`.trim());
              if (calls.length >= first) throw new Error('throttled');
              return target.send(command as never);
            }
          : Reflect.get(target, name),
    });
    return replyRulesTable(db, tableNamed('reply-rules'));
  };

  it('is another one after each change, and no rule', async () => {
    const seen = [await version()];
    await rules.create(aRule('versioned'));
    seen.push(await version());
    await rules.replace(aRule('versioned', { name: 'new' }));
    seen.push(await version());
    await rules.remove('versioned');
    seen.push(await version());
    expect(new Set(seen).size).toBe(4);
    expect((await rules.all()).every(({ id }) => id !== 'version')).toBe(true);
  });

  it.each<[string, string, (table: typeof rules) => Promise<boolean>]>([
    ['created', 'PutCommand rules', (table) => table.create(aRule('bumped'))],
    ['replaced', 'PutCommand rules', (table) => table.replace(aRule('bumped', { name: 'new' }))],
    ['removed', 'DeleteCommand', (table) => table.remove('bumped')],
  ])('is written before and after a rule is %s', async (_, write, change) => {
    expect(await change(failingFrom(99))).toBe(true);
    expect(calls).toEqual(['PutCommand version', write, 'PutCommand version']);
  });

  it('that cannot be written before a change keeps the change from being made', async () => {
    await expect(failingFrom(1).create(aRule('never'))).rejects.toThrow('throttled');
    expect(await rules.byId('never')).toBeUndefined();
  });

  it('that cannot be written after a change leaves it as it is: readers see it within five minutes', async () => {
    const before = await version();
    expect(await failingFrom(3).create(aRule('late'))).toBe(true);
    expect(await rules.byId('late')).toBeDefined();
    expect(await version()).not.toBe(before);
  });
});
