import { decideFromRules, rulesCache } from '../../../../lib/replies/rules/cache.ts';
import type { ReplyRule } from '../../../../lib/replies/rules/rule.ts';
import { aRule, NOW, overBudget, said, textIs } from './rules.ts';

/**
 * A webhook's cache with a clock of its own, over a list that can be changed, a version that may be behind, and faults.
 * Without chance in it, intervals are the longest.
 */
function cacheWorld() {
  const world = {
    list: [aRule({ name: 'old' })] as readonly ReplyRule[],
    version: 'v1' as string | undefined,
    now: NOW,
    chance: 0,
    reads: { version: 0, list: 0 },
    failures: [] as [unknown, boolean][],
    readVersion: async () => world.version,
    readList: async () => world.list,
  };
  const cache = rulesCache({
    version: () => {
      world.reads.version++;
      return world.readVersion();
    },
    list: () => {
      world.reads.list++;
      return world.readList();
    },
    now: () => world.now,
    random: () => world.chance,
    failed: (error, isServed) => world.failures.push([error, isServed]),
  });
  const ask = decideFromRules(cache, { now: () => world.now, random: () => 0, overBudget });
  const answer = async () => (await ask(said('你好'))).reply;
  const change = (name: string, version: string) => Object.assign(world, { list: [aRule({ name })], version });
  return { world, answer, ask, change };
}

const SECOND = 1_000;
const saying = (content: string) => ({ type: 'text', content });
const UNDECIDED = { reply: null, isUndecided: true };
const refuse = async () => Promise.reject(new Error('unreadable'));

it('says which rule answered', async () => {
  const { ask, world } = cacheWorld();
  world.list = [aRule({ id: 'r7', answer: null })];
  expect(await ask(said('x'))).toEqual({ reply: null, answered_by: 'rule:r7' });
});

it('says that no rule answered', async () => {
  const { ask, world } = cacheWorld();
  world.list = [];
  expect(await ask(said('x'))).toEqual({ reply: null });
});

describe('the list', () => {
  it('is read once, and the version every 30 s, while no rule changes', async () => {
    const { world, answer } = cacheWorld();
    for (let second = 0; second < 290; second++) {
      expect(await answer()).toEqual(saying('old'));
      world.now += SECOND;
    }
    expect(world.reads).toEqual({ version: 10, list: 1 });
  });

  it('is read again when the version is another, within 30 s', async () => {
    const { world, answer, change } = cacheWorld();
    await answer();
    change('new', 'v2');
    world.now += 29_999;
    expect(await answer()).toEqual(saying('old'));
    world.now += 1;
    expect(await answer()).toEqual(saying('new'));
    expect(world.reads).toEqual({ version: 2, list: 2 });
  });

  it('is read again when the first rule ever is saved', async () => {
    const { world, answer, change } = cacheWorld();
    Object.assign(world, { list: [], version: undefined });
    expect(await answer()).toBeNull();
    change('first', 'v1');
    world.now += 30 * SECOND;
    expect(await answer()).toEqual(saying('first'));
  });

  it('is read every five minutes also when the version is the same: who changed a rule may have died', async () => {
    const { world, answer } = cacheWorld();
    await answer();
    world.list = [aRule({ name: 'new' })];
    for (let half = 0; half < 9; half++) {
      world.now += 30 * SECOND;
      expect(await answer()).toEqual(saying('old'));
    }
    world.now += 30 * SECOND;
    expect(await answer()).toEqual(saying('new'));
    expect(world.reads.list).toBe(2);
  });

  it('that was read while a rule was being changed, after the first version, is read again after the last', async () => {
    const { world, answer, change } = cacheWorld();
    world.version = 'v2';
    expect(await answer()).toEqual(saying('old'));
    change('new', 'v3');
    world.now += 30 * SECOND;
    expect(await answer()).toEqual(saying('new'));
  });

  it('is never older than the version it goes by: a change between the two reads is seen', async () => {
    const { world, answer, change } = cacheWorld();
    world.readVersion = async () => {
      const seen = world.version;
      change('new', 'v2');
      return seen;
    };
    expect(await answer()).toEqual(saying('new'));
  });
});

it('asks at other moments than other processes: up to a third sooner', async () => {
  const { world, answer } = cacheWorld();
  world.chance = 0.999_999;
  await answer();
  world.now += 20_001;
  await answer();
  expect(world.reads).toEqual({ version: 2, list: 1 });
  world.chance = 0.5;
  world.now += 20_001;
  await answer();
  world.now += 24_000;
  await answer();
  expect(world.reads.version).toBe(3);
});

it('counts from when it began to read', async () => {
  const { world, answer } = cacheWorld();
  world.readList = async () => {
    world.now += 900;
    return world.list;
  };
  await answer();
  world.now = NOW + 30 * SECOND;
  await answer();
  expect(world.reads.version).toBe(2);
});

it('reads once for all who ask at the same time', async () => {
  const { world, answer } = cacheWorld();
  expect(await Promise.all(Array.from({ length: 100 }, answer))).toEqual(Array(100).fill(saying('old')));
  expect(world.reads).toEqual({ version: 1, list: 1 });
});

describe.each(['readVersion', 'readList'] as const)('when %s fails', (failing) => {
  it('the last known rules serve, and it is tried again after 5 s', async () => {
    const { world, answer, change } = cacheWorld();
    await answer();
    const { [failing]: working } = world;
    world[failing] = refuse;
    change('new', 'v2');
    world.now += 30 * SECOND;
    expect(await answer()).toEqual(saying('old'));
    world.now += 4_999;
    expect(await answer()).toEqual(saying('old'));
    expect(world.failures).toEqual([[expect.objectContaining({ message: 'unreadable' }), true]]);
    Object.assign(world, { [failing]: working });
    world.now += 1;
    expect(await answer()).toEqual(saying('new'));
  });

  it('the last known rules serve for ten minutes, and then nothing is decided', async () => {
    const { world, answer, ask } = cacheWorld();
    await answer();
    world[failing] = refuse;
    world.version = 'v2';
    world.now = NOW + 599 * SECOND;
    expect(await answer()).toEqual(saying('old'));
    world.now = NOW + 600 * SECOND;
    expect(await ask(said('你好'))).toEqual(UNDECIDED);
    expect(world.failures.at(-1)).toEqual([expect.any(Error), false]);
  });

  it('and none are known nothing is decided, and the next delivery reads again', async () => {
    const { world, ask } = cacheWorld();
    const { [failing]: working } = world;
    world[failing] = refuse;
    expect(await ask(said('你好'))).toEqual(UNDECIDED);
    expect(world.failures).toEqual([[expect.objectContaining({ message: 'unreadable' }), false]]);
    Object.assign(world, { [failing]: working });
    expect(await ask(said('你好'))).toMatchObject({ reply: saying('old') });
  });

  it('to end it does not wait longer than its time', async () => {
    const { world, ask } = cacheWorld();
    world[failing] = () => new Promise<never>(() => undefined);
    jest.useFakeTimers();
    const answered = ask(said('你好'));
    await jest.advanceTimersByTimeAsync(SECOND);
    expect(await answered).toEqual(UNDECIDED);
    expect(world.failures).toEqual([[expect.objectContaining({ code: 'TIME_LIMIT_EXCEEDED' }), false]]);
    jest.useRealTimers();
  });
});

it('answers by the other rules when nobody can compile one', async () => {
  const { world, ask } = cacheWorld();
  const nobodys = { ...aRule(), condition: null } as unknown as ReplyRule;
  world.list = [nobodys, aRule({ condition: { type: 'mood' } as never }), ...world.list];
  expect(await ask(said('你好'))).toMatchObject({ reply: saying('old') });
  expect(world.failures).toEqual([]);
});

it('knows patterns that come and go', async () => {
  const { world, answer } = cacheWorld();
  for (const [round, pattern] of ['你(.)', '你(.)', 'x', '你(.)'].entries()) {
    const condition = textIs('matches', pattern);
    world.list = [aRule({ condition, answer: { type: 'text', content: '{{1}}!' } })];
    world.version = `v${round}`;
    expect(await answer()).toEqual(pattern === 'x' ? null : saying('好!'));
    world.now += 30 * SECOND;
  }
});
