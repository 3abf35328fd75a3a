import { decideFromRules, rulesCache } from '../../../lib/reply-rules/cache.ts';
import type { ReplyRule } from '../../../lib/reply-rules/rule.ts';
import { aRule, NOW, said, textIs } from './rules.ts';

/** A webhook's cache with a clock of its own, over a list that can be changed and made unreadable. */
function surroundings() {
  const world = {
    list: [aRule({ name: 'old' })] as readonly ReplyRule[],
    now: NOW,
    reads: 0,
    failures: [] as unknown[],
    read: async (_: AbortSignal): Promise<readonly ReplyRule[]> => world.list,
    abort: new AbortController(),
  };
  const cache = rulesCache({
    read: (signal) => {
      world.reads++;
      return world.read(signal);
    },
    now: () => world.now,
    failed: (error) => world.failures.push(error),
    limit: () => world.abort.signal,
  });
  const ask = decideFromRules(cache, { now: () => world.now, random: () => 0 });
  return { world, answer: async () => (await ask(said('你好'))).reply, ask };
}

const saying = (content: string) => ({ type: 'text', content });
const refuse = async () => Promise.reject(new Error('unreadable'));

it('says which rule answered', async () => {
  const { ask, world } = surroundings();
  world.list = [aRule({ id: 'r7', answer: null })];
  expect(await ask(said('x'))).toEqual({ reply: null, answered_by: 'rule:r7' });
  world.list = [];
  world.now += 30_000;
  expect(await ask(said('x'))).toEqual({ reply: null });
});

it('reads once in 30 s, and then what is new', async () => {
  const { world, answer } = surroundings();
  expect(await answer()).toEqual(saying('old'));
  world.list = [aRule({ name: 'new' })];
  world.now += 29_999;
  expect(await answer()).toEqual(saying('old'));
  expect(world.reads).toBe(1);
  world.now += 1;
  expect(await answer()).toEqual(saying('new'));
  expect(world.reads).toBe(2);
});

it('counts the 30 s from when it began to read', async () => {
  const { world, answer } = surroundings();
  world.read = async () => {
    world.now += 900;
    return world.list;
  };
  await answer();
  world.now = NOW + 30_000;
  await answer();
  expect(world.reads).toBe(2);
});

it('reads once for all who ask at the same time', async () => {
  const { world, answer } = surroundings();
  expect(await Promise.all(Array.from({ length: 100 }, answer))).toEqual(Array(100).fill(saying('old')));
  expect(world.reads).toBe(1);
});

it('keeps to the last known rules while they cannot be read, and tries again every 5 s', async () => {
  const { world, answer } = surroundings();
  await answer();
  world.read = refuse;
  world.now += 30_000;
  expect(await answer()).toEqual(saying('old'));
  world.now += 4_999;
  expect(await answer()).toEqual(saying('old'));
  expect([world.reads, world.failures.length]).toEqual([2, 1]);
  world.read = async () => [aRule({ name: 'new' })];
  world.now += 1;
  expect(await answer()).toEqual(saying('new'));
});

it('says that nothing is decided while it has never read any, and reads again for the next delivery', async () => {
  const { world, ask } = surroundings();
  world.read = refuse;
  expect(await ask(said('你好'))).toEqual({ reply: null, isUndecided: true });
  expect(world.failures).toEqual([expect.objectContaining({ message: 'unreadable' })]);
  world.read = async () => world.list;
  expect(await ask(said('你好'))).toMatchObject({ reply: saying('old') });
});

it('does not wait longer than its time, also for one who does not heed the signal', async () => {
  const { world, ask } = surroundings();
  world.read = () => new Promise(() => undefined);
  const answered = ask(said('你好'));
  world.abort.abort(new Error('too slow'));
  expect(await answered).toMatchObject({ isUndecided: true });
  expect(world.failures).toEqual([expect.objectContaining({ message: 'too slow' })]);
});

it('survives rules nobody can compile', async () => {
  const { world, answer } = surroundings();
  await answer();
  world.list = [{ ...aRule(), condition: null } as unknown as ReplyRule];
  world.now += 30_000;
  expect(await answer()).toEqual(saying('old'));
  expect(world.failures).toHaveLength(1);
});

it('knows patterns that come and go', async () => {
  const { world, answer } = surroundings();
  for (const pattern of ['你(.)', '你(.)', 'x', '你(.)']) {
    world.list = [aRule({ condition: textIs('matches', pattern), answer: { type: 'text', content: '{{1}}!' } })];
    expect(await answer()).toEqual(pattern === 'x' ? null : saying('好!'));
    world.now += 30_000;
  }
});
