import { type HandlerResult, type Handlers, slow } from '../../lib/replies/handlers.ts';
import { KILLED_AFTER_MS } from '../../lib/slow-replies/protocol.ts';
import { referenceOf } from '../../lib/slow-replies/tap-link.ts';
import { NOW, textMessage } from '../support/callback.ts';
import { linesLogged } from '../support/logged.ts';
import { FAILURE, type Life, type Seen, slowWorld, WAITING_TEXT } from '../support/slow-world.ts';
import { makeTables } from '../support/tables.ts';
import { everyInteraction } from '../support/webhook.ts';

beforeAll(makeTables);

const interactionsOf = async (openid: string) =>
  (await everyInteraction())
    .filter((kept) => kept.openid === openid)
    .sort((one, other) => (one.created < other.created ? -1 : 1));

let followers = 0;
const newFollower = () => `o-slow-${++followers}`;

/** A world whose handler takes so many seconds. */
function taking(seconds: number, world: Partial<Parameters<typeof slowWorld>[0]> = {}) {
  const runs: number[] = [];
  const here = slowWorld({
    ...world,
    handlers: {
      text: slow(async () => {
        runs.push(here.clock.now());
        await here.clock.sleep(seconds * 1_000);
        return 'done';
      }),
    },
  });
  return { ...here, runs };
}

const LINK = `${WAITING_TEXT}\n<a href="weixin://bizmsgmenu?msgmenucontent=看回答&msgmenuid=`;
const IN_TIME = [
  [1, { sees: 'done', attempt: 1, after_s: 1 }],
  [4, { sees: 'done', attempt: 1, after_s: 4 }],
  [6, { sees: 'done', attempt: 2, after_s: 6 }],
  [13, { sees: 'done', attempt: 3, after_s: 13 }],
] as const;
const LATE = [20, 40] as const;

describe('an account that may send messages, and a slow handler that takes', () => {
  it.each<readonly [number, Seen]>(IN_TIME)('%i s: the follower gets it as the reply', async (seconds, expected) => {
    const here = taking(seconds, { isKnownToSend: true });
    const from = newFollower();

    const shown = await here.deliver(textMessage('a question', { from }));
    await here.finish();

    expect(shown).toEqual(expected);
    expect(here.sent).toEqual([]);
    expect(here.runs).toHaveLength(1);
    expect(await interactionsOf(from)).toMatchObject([
      { direction: 'in', kind: 'text', pending: true, answered_by: 'code:text', reply: null },
      { direction: 'out', kind: 'text', details: { content: 'done' }, answered_by: 'code:text' },
    ]);
  });

  it.each(LATE)('%i s: the follower gets it as a message', async (seconds) => {
    const here = taking(seconds, { isKnownToSend: true });
    const from = newFollower();

    const shown = await here.deliver(textMessage('a question', { from }));
    await here.finish();

    expect(shown).toMatchObject({ sees: '', attempt: 3 });
    expect(here.sent).toEqual([{ content: 'done', at: NOW + seconds * 1_000 }]);
    expect(here.runs).toHaveLength(1);
    expect(await interactionsOf(from)).toMatchObject([{ direction: 'in' }, { details: { content: 'done' } }]);
  });
});

describe('an account that may send no messages, and a slow handler that takes', () => {
  it.each<readonly [number, Seen]>(IN_TIME)('%i s: the follower gets it as the reply', async (seconds, expected) => {
    const here = taking(seconds, { mayBeMessaged: false });

    expect(await here.deliver(textMessage('a question', { from: newFollower() }))).toEqual(expected);
    await here.finish();

    expect(here.runs).toHaveLength(1);
  });

  it.each(LATE)(
    '%i s: the last attempt says so with a link, and the tap fetches it, again and again',
    async (seconds) => {
      const here = taking(seconds, { mayBeMessaged: false });
      const from = newFollower();

      const shown = await here.deliver(textMessage('a question', { from }));
      const early = await here.deliver(here.tapOn(shown.sees, from));
      await here.finish();
      const fetched = await here.deliver(here.tapOn(early.sees, from));
      const again = await here.deliver(here.tapOn(shown.sees, from));

      expect(shown).toMatchObject({ attempt: 3, sees: expect.stringContaining(LINK) });
      expect(early).toMatchObject({ attempt: 1, sees: shown.sees });
      expect([fetched.sees, again.sees]).toEqual(['done', 'done']);
      expect(here.runs).toHaveLength(1);
      expect(here.sent).toEqual([]);
      const kept = await interactionsOf(from);
      expect(kept.filter(({ direction }) => direction === 'in')).toHaveLength(4);
      expect(kept.filter(({ direction }) => direction === 'out')).toMatchObject([{ details: { content: shown.sees } }]);
    },
  );

  it('remembers for a day that it may not, and does not ask WeChat again', async () => {
    const here = taking(20, { mayBeMessaged: false });
    await here.deliver(textMessage('one', { from: newFollower() }));
    await here.finish();
    here.state.mayBeMessaged = true;
    await here.deliver(here.message('two', newFollower()));
    await here.finish();
    expect(here.sent).toEqual([]);

    await here.clock.sleep(86_400_000);
    await here.deliver(here.message('three', newFollower()));
    await here.finish();
    expect(here.sent).toHaveLength(1);
    expect(await here.ports.table.maySend()).toBe(true);
  });
});

describe('an account of which it is not known whether it may send messages', () => {
  it('says with a link that it takes longer, sends the reply all the same, and knows from then on', async () => {
    const here = taking(20);
    const from = newFollower();

    const first = await here.deliver(textMessage('one', { from }));
    await here.finish();
    const second = await here.deliver(here.message('two', from));
    await here.finish();

    expect(first.sees).toContain(LINK);
    expect(second.sees).toBe('');
    expect(here.sent.map(({ content }) => content)).toEqual(['done', 'done']);
  });
});

describe('the text that says so', () => {
  it('is the handler’s own where it has one', async () => {
    const handlers = {
      text: slow(async () => here.clock.sleep(20_000).then(() => 'done'), { waitingText: '正在查询，请点' }),
    };
    const here = slowWorld({ handlers, mayBeMessaged: false });

    const { sees } = await here.deliver(textMessage('a question', { from: newFollower() }));
    await here.finish();

    expect(sees).toMatch(/^正在查询，请点\n<a href="weixin:/);
  });
});

describe('the last attempt', () => {
  it('is told by its age when the first never came', async () => {
    const here = taking(40, { mayBeMessaged: false });
    const xml = textMessage('a question', { from: newFollower() });
    await here.clock.sleep(5_000);

    const shown = await here.deliver(xml, { attempts: [2, 3] });
    await here.finish();

    expect(shown).toMatchObject({ attempt: 3, sees: expect.stringContaining(LINK) });
  });

  it('is told by the first that was seen when CreateTime is not to be relied on', async () => {
    const here = taking(40, { mayBeMessaged: false });
    const xml = textMessage('a question', { from: newFollower(), created: NOW / 1000 + 60 });

    const shown = await here.deliver(xml);
    await here.finish();

    expect(shown).toMatchObject({ attempt: 3, sees: expect.stringContaining(LINK) });
  });

  it('is not the first that comes without a CreateTime', async () => {
    const here = taking(6, { mayBeMessaged: false });
    const xml = textMessage('a question', { from: newFollower() }).replace(/<CreateTime>.*<\/CreateTime>/, '');

    const shown = await here.deliver(xml);
    await here.finish();

    expect(shown).toMatchObject({ attempt: 2, sees: expect.not.stringContaining(LINK) });
  });

  it('is not taken for the second by an account that is far away', async () => {
    const here = taking(40, { mayBeMessaged: false, distanceMs: 2_500 });
    const xml = textMessage('a question', { from: newFollower(), created: NOW / 1000 - 4 });

    const shown = await here.deliver(xml);
    await here.finish();

    expect(shown).toMatchObject({ attempt: 3, after_s: 13, sees: expect.stringContaining(LINK) });
  });
});

/** A process that dies at its so manyth step, having done it. */
function mortalAt(number: number): Life {
  let steps = 0;
  let die: (value: unknown) => void = () => undefined;
  const died = new Promise((resolve) => {
    die = resolve;
  });
  const step: Life['step'] =
    (_, work) =>
    async (...args) => {
      steps += 1;
      if (steps > number) return new Promise(() => undefined);
      const result = await work(...args);
      if (steps < number) return result;
      die('died');
      return new Promise(() => undefined);
    };
  const using: Life['using'] = (db) => {
    const send = step('', db.send.bind(db) as (...args: unknown[]) => Promise<unknown>);
    return new Proxy(db, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)) });
  };
  return { step, using, died };
}

describe('a run that was killed', () => {
  it.each([1, 2, 3, 4, 5])('at its step %i is taken over, once, after 70 s', async (number) => {
    for (const isKnownToSend of [true, false]) {
      const here = taking(20, { isKnownToSend, mayBeMessaged: isKnownToSend });
      const from = newFollower();

      const shown = await here.deliver(textMessage('a question', { from }), { slow: mortalAt(number) });
      await here.finish();
      const fetched = isKnownToSend ? undefined : await here.deliver(here.tapOn(shown.sees, from));

      expect(isKnownToSend ? here.sent.map(({ content }) => content) : [fetched?.sees]).toEqual(['done']);
      expect(here.runs.length).toBeLessThanOrEqual(2);
      const [first = 0, second = Number.POSITIVE_INFINITY] = here.runs;
      expect(second - first).toBeGreaterThan(KILLED_AFTER_MS);
    }
  });

  it('is taken over by a tap when Lambda does not, and never a third time', async () => {
    const here = taking(20, { isKnownToSend: false });
    const from = newFollower();
    const { sees } = await here.deliver(textMessage('a question', { from }));
    const reference = referenceOf(here.started[0]?.sortKey ?? '');
    const place = { openid: from, reference };
    await here.finish();
    expect(here.runs).toHaveLength(1);
    expect(await here.ports.table.start(place, { run: 'another', runs: 2, maySend: false })).toBe(false);

    const other = newFollower();
    await here.deliver(here.message('a question', other), {
      slow: { ...mortalAt(4), died: new Promise(() => undefined) },
    });
    const link = (await interactionsOf(other)).find(({ direction }) => direction === 'out')?.details.content;
    await here.clock.sleep(60_000);
    const waits = await here.deliver(here.tapOn(String(link), other));
    await here.clock.sleep(21_000);
    const fetched = await here.deliver(here.tapOn(String(link), other));

    expect(sees).toContain(LINK);
    expect(waits.sees).toContain(LINK);
    expect(fetched.sees).toBe('done');
  });
});

describe('a flood of slow messages', () => {
  it('beyond the limit is told at once, while every delivery is recorded and every reply fetched', async () => {
    const here = taking(13, { inFlight: 5, mayBeMessaged: false });
    const all = Array.from({ length: 20 }, () => newFollower());

    const seen = await Promise.all(all.map((from) => here.deliver(textMessage('a question', { from }))));
    await here.finish();
    const held = seen.filter(({ sees }) => sees === 'done');
    const told = seen.filter(({ sees }) => sees.startsWith(LINK));

    expect(held.length).toBeGreaterThan(0);
    expect(held.length).toBeLessThanOrEqual(5);
    expect(told).toHaveLength(20 - held.length);
    expect(told.map(({ attempt, after_s }) => [attempt, after_s])).toEqual(told.map(() => [1, 0]));
    for (const [at, { sees }] of seen.entries()) {
      if (sees === 'done') continue;
      expect((await here.deliver(here.tapOn(sees, String(all[at])))).sees).toBe('done');
    }
    const kept = await everyInteraction();
    for (const from of all)
      expect(kept.some(({ openid, direction }) => openid === from && direction === 'in')).toBe(true);
  });

  it('leaves room again when those are over, though their processes have died', async () => {
    const here = taking(13, { inFlight: 1, mayBeMessaged: false });
    void here.process({ ...mortalAt(7), died: new Promise(() => undefined) });
    const [one, two] = [newFollower(), newFollower()];
    await here.ports.inFlight.enter('of one that died', here.clock.now() + 16_000);

    expect((await here.deliver(here.message('at once', one))).attempt).toBe(1);
    await here.clock.sleep(16_000);
    expect(await here.deliver(here.message('after that', two))).toMatchObject({ sees: 'done', attempt: 3 });
    await here.finish();
  });
});

describe('a slow handler', () => {
  it.each<[string, () => HandlerResult | Promise<HandlerResult>, number]>([
    [
      'that throws: the follower is told nothing, and the log names the error alone',
      () => {
        throw new Error('canary-3fd1a0c7');
      },
      0,
    ],
    ['that says nothing: the follower is told nothing', () => undefined, 0],
    ['whose reply cannot be given out: the log names the limit', () => ({ type: 'news', articles: [] }), 0],
  ])('%s', async (name, handler, after_s) => {
    const logged = linesLogged('ERROR');
    const here = slowWorld({ handlers: { text: slow(handler) } });
    const from = newFollower();

    const shown = await here.deliver(textMessage('a question', { from }));
    await here.finish();

    expect(shown).toMatchObject({ sees: '', after_s });
    expect(here.sent).toEqual([]);
    expect(await interactionsOf(from)).toHaveLength(1);
    const lines = logged();
    expect(JSON.stringify(lines)).not.toContain('canary');
    expect(lines.filter(({ replies_lost }) => replies_lost === 1)).toHaveLength(name.includes('nothing: ') ? 0 : 1);
    if (name.includes('limit')) expect(lines).toMatchObject([{ limit: 'articles is empty', kind: 'text' }]);
  });

  it('that never ends is given up, and the tap says that there is no reply', async () => {
    const logged = linesLogged('ERROR');
    const here = slowWorld({ handlers: { text: slow(() => new Promise<never>(() => undefined)) } });
    const from = newFollower();

    const { sees } = await here.deliver(textMessage('a question', { from }));
    await here.finish();
    const fetched = await here.deliver(here.tapOn(sees, from));

    expect(sees).toContain(LINK);
    expect(fetched.sees).toBe('这次没有得到回答，请再问一次。');
    expect(logged()).toMatchObject([{ code: 'HANDLER_TIMEOUT', hint: 'a slow handler has 45 s', replies_lost: 1 }]);
  });

  it('is run once, however often it is asked', async () => {
    const here = taking(7);
    const from = newFollower();
    const xml = textMessage('at once', { from });

    const [one, two] = await Promise.all([here.deliver(xml), here.deliver(xml)]);
    await here.finish();

    expect(here.runs).toHaveLength(1);
    expect([one.sees, two.sees]).toEqual(['done', 'done']);
    expect(await interactionsOf(from)).toHaveLength(2);
  });

  it('is asked for again by the next attempt when the first could not', async () => {
    const here = taking(0, { startsFailing: 1 });

    const shown = await here.deliver(textMessage('try', { from: newFollower() }));
    await here.finish();

    expect(shown).toMatchObject({ sees: 'done', attempt: 2 });
    expect(here.started).toHaveLength(2);
  });

  it('that cannot be asked for at all is lost, and the follower sees no failure', async () => {
    const logged = linesLogged('ERROR');
    const here = taking(1, { startsFailing: 3 });

    const shown = await here.deliver(textMessage('a question', { from: newFollower() }));
    await here.finish();

    expect(shown).toMatchObject({ sees: '', attempt: 3 });
    expect(shown.sees).not.toBe(FAILURE);
    expect(logged().filter(({ slow_replies_lost }) => slow_replies_lost === 1)).toHaveLength(1);
  });
});

describe('the time to a reply', () => {
  const counted = async (handlers: Handlers) => {
    const logged = linesLogged('INFO');
    const here = slowWorld({ handlers });
    await here.deliver(textMessage('how long?', { from: newFollower() }));
    await here.finish();
    return logged()
      .filter(({ verdict }) => verdict)
      .map((line) => `${line.verdict} ${'reply_ms' in line}`);
  };

  it('is counted, but for a slow handler, for which it is waited on purpose', async () => {
    expect(await counted({ text: () => 'at once' })).toEqual(['recorded true']);
    expect(await counted({ text: slow(() => 'later') })).toEqual(['recorded false']);
  });
});
