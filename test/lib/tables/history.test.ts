import { type Interaction, placed } from '../../../lib/interactions/interaction.ts';
import { sortKeyOf } from '../../../lib/interactions/keys.ts';
import { WrongCursor } from '../../../lib/platform/cursor.ts';
import { history, type Page } from '../../../lib/tables/interactions/history.ts';
import { linesLogged } from '../../support/logged.ts';
import { database, makeTables, put, tableNamed } from '../../support/tables.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOON = Date.parse('2026-03-10T12:00:00Z');

const db = database();
const table = tableNamed('interactions');
const now = () => NOON;
const interactions = history(db, table, { shards: 3, retentionDays: undefined, now });

/** A text message received at a time; say what else matters. */
function aMessage(receivedAt: number, identity: string, but: Partial<Interaction> = {}, shards = 3): Interaction {
  return {
    openid: 'o-anyone',
    created: sortKeyOf(Math.floor(receivedAt / 1000), identity),
    ...placed({ shards, retentionDays: undefined }, receivedAt, identity),
    direction: 'in',
    kind: 'text',
    details: { content: identity },
    reply: null,
    ...but,
  };
}

const keep = (...items: Interaction[]) => put('interactions', items);

async function walk(next: (cursor: string | undefined) => Promise<Page>, meanwhile = async (_: number) => {}) {
  const pages: Page[] = [];
  do {
    const page = await next(pages.at(-1)?.next_cursor);
    pages.push(page);
    await meanwhile(pages.length);
  } while (pages.at(-1)?.next_cursor !== undefined);
  return { pages, seen: pages.flatMap((page) => page.interactions.map(({ details }) => details.content)) };
}

async function all(generator: AsyncGenerator<Interaction>): Promise<unknown[]> {
  const seen = [];
  for await (const { details } of generator) seen.push(details.content);
  return seen;
}

const forge = (changes: object, cursor = ''): string =>
  Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(cursor, 'base64url').toString()), ...changes })).toString(
    'base64url',
  );

beforeAll(makeTables);

describe("everyone's history", () => {
  /** 2,400 over four days, in rising order, of changing followers. */
  const FROM = Date.parse('2025-06-01T00:00:00Z');
  const STEP_MS = 144_000;
  const old = Array.from({ length: 2_400 }, (_, at) =>
    aMessage(FROM + at * STEP_MS, `old-${at}`, {
      openid: `o-${at % 7}`,
      kind: at % 50 === 0 ? 'image' : 'text',
      direction: at % 400 === 0 ? 'out' : 'in',
    }),
  );
  const contents = old.map(({ details }) => details.content).reverse();
  const span = { from: FROM, to: FROM + 5 * DAY_MS };

  beforeAll(() => keep(...old));

  it('is shown newest first and exactly once while a thousand new ones arrive', async () => {
    let arrived = 0;
    const arrive = (page: number) =>
      keep(
        ...Array.from({ length: 40 }, () =>
          aMessage(FROM + 4 * DAY_MS + page * 1_000 + (arrived % 40), `new-${arrived++}`),
        ),
      );

    const { seen } = await walk((cursor) => interactions.ofEveryone({ ...span, limit: 90, cursor }), arrive);

    expect(arrived).toBeGreaterThanOrEqual(1_000);
    expect(seen.filter((content) => String(content).startsWith('old'))).toEqual(contents);
  });

  it.each([
    [1, 40],
    [7, 300],
    [100, 300],
  ])('has no page longer than the limit %i', async (limit, count) => {
    const to = FROM + count * STEP_MS;
    const { pages, seen } = await walk((cursor) => interactions.ofEveryone({ from: FROM, to, limit, cursor }));

    expect(seen).toEqual(contents.slice(-count));
    expect(Math.max(...pages.map((page) => page.interactions.length))).toBe(limit);
  });

  it('counts what came at `from` and not what came at `to`', async () => {
    const page = await interactions.ofEveryone({ from: FROM + STEP_MS, to: FROM + 3 * STEP_MS, limit: 10 });

    expect(page.interactions.map(({ details }) => details.content)).toEqual(['old-2', 'old-1']);
    expect(page.next_cursor).toBeUndefined();
  });

  it.each([
    ['kind', { kind: 'image' }, 48],
    ['direction', { direction: 'out' as const }, 6],
    ['both', { kind: 'image', direction: 'in' as const }, 42],
  ])('is filtered by %s, reading at most 2,000 a call', async (_, asked, count) => {
    const whole = { from: FROM, to: FROM + 4 * DAY_MS, ...asked };
    const { pages, seen } = await walk((cursor) => interactions.ofEveryone({ ...whole, limit: 100, cursor }));

    expect(new Set(seen).size).toBe(count);
    expect(seen).toHaveLength(count);
    expect(pages.length).toBeGreaterThan(1);
  });

  it('asks at most 200 queries a call: months without anything are empty pages with cursors', async () => {
    const from = Date.parse('2019-01-01T00:00:00Z');
    const to = from + 100 * DAY_MS;
    const { pages, seen } = await walk((cursor) => interactions.ofEveryone({ from, to, limit: 10, cursor }));

    expect(seen).toEqual([]);
    expect(pages).toHaveLength(Math.ceil((100 * 3) / 198));
  });

  it('is read in the shards of before, after their number has grown', async () => {
    const wider = history(db, table, { shards: 9, retentionDays: undefined, now });
    const to = FROM + 100 * STEP_MS;
    await keep(aMessage(to - 1, 'of-nine', {}, 9));

    const { seen } = await walk((cursor) => wider.ofEveryone({ from: FROM, to, limit: 30, cursor }));

    expect(seen).toEqual(['of-nine', ...contents.slice(-100)]);
  });

  it('shows each of those that came in one millisecond with one MsgId', async () => {
    const at = Date.parse('2025-09-01T10:00:00Z');
    const openids = ['o-1', 'o-2', 'o-3', 'o-4', 'o-5'];
    await keep(...openids.map((openid) => aMessage(at, 'same', { openid })));

    const { pages } = await walk((cursor) => interactions.ofEveryone({ from: at, to: at + 1, limit: 2, cursor }));

    const seen = pages.flatMap((page) => page.interactions.map(({ openid }) => openid));
    expect(seen.toSorted()).toEqual(openids);
  });

  it('shows each of those of one moment in different shards', async () => {
    const at = Date.parse('2025-09-02T10:00:00Z');
    const received = `${at}#same`;
    const days = [0, 1, 2].map((shard) => `2025-09-02#${shard}`);
    await keep(...days.map((day, shard) => aMessage(at, 'same', { openid: `o-${shard}`, day, received })));

    const { pages } = await walk((cursor) => interactions.ofEveryone({ from: at, to: at + 1, limit: 1, cursor }));

    expect(pages.flatMap((page) => page.interactions.map(({ openid }) => openid))).toEqual(['o-0', 'o-1', 'o-2']);
  });

  it('begins 30 days before `to`, and `to` is now', async () => {
    await keep(
      aMessage(NOON - 30 * DAY_MS - 1, 'too-old'),
      aMessage(NOON - 30 * DAY_MS, 'just'),
      aMessage(NOON, 'this-moment'),
    );

    const { seen } = await walk((cursor) => interactions.ofEveryone({ limit: 10, cursor }));

    expect(seen).toEqual(['this-moment', 'just']);
  });

  it('keeps its beginning from page to page', async () => {
    let time = NOON;
    const aging = history(db, table, { shards: 3, retentionDays: undefined, now: () => time });
    const { next_cursor } = await aging.ofEveryone({ limit: 1 });
    time += DAY_MS;

    const { interactions: rest } = await aging.ofEveryone({ limit: 10, cursor: next_cursor });

    expect(rest.map(({ details }) => details.content)).toEqual(['just']);
  });

  it('ends a page before it exceeds what a Lambda may answer', async () => {
    const at = Date.parse('2025-10-01T00:00:00Z');
    const large = 'x'.repeat(300_000);
    await keep(
      ...Array.from({ length: 20 }, (_, n) => aMessage(at + n, `large-${n}`, { details: { content: n, large } })),
    );

    const { pages, seen } = await walk((cursor) =>
      interactions.ofEveryone({ from: at, to: at + 99, limit: 100, cursor }),
    );

    expect(seen).toHaveLength(20);
    for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(5 * 1024 * 1024);
  });

  it('is nothing from a later time to an earlier one', async () => {
    expect(await interactions.ofEveryone({ from: NOON, to: NOON - 1, limit: 9 })).toEqual({ interactions: [] });
  });
});

describe('the history of one follower', () => {
  const openid = 'o-one';
  const FROM = NOON - 20 * DAY_MS;
  const own = Array.from({ length: 250 }, (_, at) => aMessage(FROM + at * 60_000, `own-${at}`, { openid }));
  const contents = own.map(({ details }) => details.content).reverse();

  beforeAll(() => keep(...own));

  it('is shown newest first and exactly once while new ones arrive', async () => {
    const { seen } = await walk(
      (cursor) => interactions.ofFollower(openid, { from: FROM, limit: 40, cursor }),
      (page) => keep(aMessage(FROM + DAY_MS + page, `later-${page}`, { openid })),
    );

    expect(seen).toEqual(contents);
  });

  it('has no cursor when all fits into the page', async () => {
    const page = await interactions.ofFollower(openid, { from: FROM, to: FROM + 10 * 60_000, limit: 10 });

    expect(page.interactions).toHaveLength(10);
    expect(page).not.toHaveProperty('next_cursor');
  });

  it('is ordered by when it happened, not by when it reached us, and shows what is stamped ahead of us', async () => {
    await keep(
      aMessage(NOON, 'late', { openid: 'o-late', created: `${(NOON - HOUR_MS) / 1000}#late` }),
      aMessage(NOON - 1_000, 'ahead', { openid: 'o-late', created: `${(NOON + HOUR_MS) / 1000}#ahead` }),
    );

    const { seen } = await walk(() => interactions.ofFollower('o-late', { limit: 10 }));

    expect(seen).toEqual(['ahead', 'late']);
  });

  it('counts seconds from `from` up to, not including, `to`', async () => {
    const at = (n: number) => FROM + n * 60_000;

    expect(await all(interactions.ofFollowerBetween(openid, at(3), at(6)))).toEqual(['own-5', 'own-4', 'own-3']);
    expect(await all(interactions.ofFollowerBetween(openid, at(3) + 1, at(5) + 1))).toEqual(['own-5', 'own-4']);
    expect(await all(interactions.ofFollowerBetween(openid, at(6), at(3)))).toEqual([]);
  });

  it('is looked through from the newest for what is sought', async () => {
    const find = ({ details }: Interaction) => (details.content === 'own-30' ? { found: 30 } : undefined);

    expect(await interactions.newestOfFollower(openid, FROM, find)).toEqual({ ok: true, found: { found: 30 } });
    expect(await interactions.newestOfFollower(openid, FROM + 31 * 60_000, find)).toEqual({
      ok: true,
      found: undefined,
    });
  });

  it('is not looked through for more than 2,000', async () => {
    await keep(...Array.from({ length: 2_001 }, (_, at) => aMessage(NOON - at, `many-${at}`, { openid: 'o-many' })));

    expect(await interactions.newestOfFollower('o-many', 0, () => undefined)).toEqual({ ok: false, code: 'TOO_MANY' });
  });
});

describe('what has expired', () => {
  it('counts as absent wherever it is read, to the second', async () => {
    const at = NOON - 10 * DAY_MS;
    const seconds = NOON / 1000;
    const openid = 'o-expiring';
    await keep(
      ...Array.from({ length: 60 }, (_, n) => aMessage(at + n, `gone-${n}`, { openid, expires_at: seconds - n })),
      aMessage(at + 99, 'stays', { openid, expires_at: seconds + 1 }),
    );
    const span = { from: at, to: at + 1_000 };

    expect((await walk((cursor) => interactions.ofEveryone({ ...span, limit: 5, cursor }))).seen).toEqual(['stays']);
    expect((await walk((cursor) => interactions.ofFollower(openid, { ...span, limit: 5, cursor }))).seen).toEqual([
      'stays',
    ]);
    expect(await all(interactions.between(at, at + 1_000))).toEqual(['stays']);
    expect(await all(interactions.ofFollowerBetween(openid, at, at + 1_000))).toEqual(['stays']);
  });
});

describe('everything between two times', () => {
  it('comes oldest first, of all shards and days, up to a limit', async () => {
    const from = Date.parse('2025-03-03T22:00:00Z');
    const items = Array.from({ length: 30 }, (_, at) => aMessage(from + at * 10 * 60_000, `between-${at}`));
    await keep(...items);
    const to = from + 25 * 10 * 60_000;

    const seen = await all(interactions.between(from, to));

    expect(seen).toEqual(items.slice(0, 25).map(({ details }) => details.content));
    expect(await all(interactions.between(from, to, { limit: 4 }))).toEqual(seen.slice(0, 4));
    expect(await all(interactions.between(to, from))).toEqual([]);
  });
});

describe('a cursor', () => {
  const openid = 'o-cursor';
  const from = NOON - 15 * DAY_MS;
  const to = from + 10_000;

  beforeAll(() => keep(...[1, 2, 3].map((at) => aMessage(from + at * 1_000, `cursor-${at}`, { openid }))));

  const ofEveryone = async () => (await interactions.ofEveryone({ from, to, limit: 1 })).next_cursor ?? '';
  const ofFollower = async () => (await interactions.ofFollower(openid, { from, to, limit: 1 })).next_cursor ?? '';

  it('carries the question it belongs to', async () => {
    const page = await interactions.ofFollower(openid, { limit: 9, cursor: await ofFollower() });

    expect(page.interactions.map(({ details }) => details.content)).toEqual(['cursor-2', 'cursor-1']);
  });

  it('is refused for another question', async () => {
    const [everyones, followers] = [await ofEveryone(), await ofFollower()];

    await expect(interactions.ofFollower('o-other', { limit: 1, cursor: followers })).rejects.toThrow('another openid');
    await expect(interactions.ofFollower(openid, { limit: 1, cursor: everyones })).rejects.toThrow(WrongCursor);
    await expect(interactions.ofEveryone({ limit: 1, cursor: followers })).rejects.toThrow(WrongCursor);
    await expect(interactions.ofEveryone({ limit: 1, cursor: everyones, kind: 'text' })).rejects.toThrow(
      'another kind',
    );
    await expect(interactions.ofEveryone({ limit: 1, cursor: everyones, from: from + 1 })).rejects.toThrow(
      'another from',
    );
  });

  it.each([
    ['of another follower', { openid: 'o-other', at: [`${from / 1000}#a`] }],
    ['with a field more', { limit: 1 }],
    ['with a position that is none', { at: [] }],
    ['with a position of text', { at: ['yesterday'] }],
    ['with a shard that does not exist', { at: [`${from + 5}#a`, 3, 'o', `${from / 1000}#a`] }],
    ['with a shard that is a fraction', { at: [`${from + 5}#a`, 0.5, 'o', `${from / 1000}#a`] }],
    ['with a position before its beginning', { at: [`${from - 5}#a`, 0, 'o', `${from / 1000}#a`] }],
    ['with a beginning that is no time', { from: -1 }],
    ['with an unknown direction', { direction: 'sideways' }],
  ])('is refused if it is forged: %s', async (_, changes) => {
    const cursor = forge(changes, await ofEveryone());

    await expect(interactions.ofEveryone({ limit: 1, cursor })).rejects.toThrow(WrongCursor);
  });

  it.each(['', '!', 'null', 'e30', 'e30=', 'W10', '____', 'x'.repeat(10_000)])(
    'is refused if it is %p',
    async (cursor) => {
      await expect(interactions.ofEveryone({ limit: 1, cursor })).rejects.toThrow(WrongCursor);
      await expect(interactions.ofFollower(openid, { limit: 1, cursor })).rejects.toThrow(WrongCursor);
    },
  );

  it('is right also when what it stands behind has been erased', async () => {
    const cursor = forge({ at: [`${(from + 2_500).toString().slice(0, 10)}#gone`] }, await ofFollower());

    const { seen } = await walk(() => interactions.ofFollower(openid, { limit: 9, cursor }));

    expect(seen).toEqual(['cursor-2', 'cursor-1']);
  });
});

describe('interactions of another version', () => {
  const at = NOON - 50 * DAY_MS;
  const later = (identity: string, but: object) => ({ ...aMessage(at, identity, { openid: 'o-later' }), ...but });
  const pageOf = async () => (await interactions.ofFollower('o-later', { limit: 9 })).interactions;

  it('are given with what this one knows, a reply of a new type left out', async () => {
    const errors = linesLogged('ERROR');
    const hologram = { type: 'hologram', media_id: 'M' };
    const text = { type: 'text', content: 'a', mood: 'good' };
    await put('interactions', [
      later('a', { from_a_later_version: { a: ['b'] }, reply: text }),
      later('b', { reply: hologram }),
      later('c', { reply: { type: 'news', articles: [{ title: 't', mood: 'good' }, 7] } }),
      later('d', { reply: { type: 'news', articles: [{ title: 't', mood: 'good' }] } }),
    ]);

    const [d, c, b, a] = await pageOf();
    expect(a).toEqual(aMessage(at, 'a', { openid: 'o-later', reply: { type: 'text', content: 'a' } }));
    for (const unknown of [b, c]) expect(unknown).not.toHaveProperty('reply');
    expect(d?.reply).toEqual({ type: 'news', articles: [{ title: 't' }] });
    expect(errors()).toEqual([]);
  });

  it.each([
    ['without its details', { details: undefined }, 'details'],
    ['with a direction that nobody knows', { direction: 'sideways' }, 'direction'],
    ['with a number as what answered it', { answered_by: 7 }, 'answered_by'],
  ])('%s take no page with them, and are logged without a word of theirs', async (_, but, attribute) => {
    await put('interactions', [later('e', but)]);

    const errors = linesLogged('ERROR');
    expect((await pageOf()).map(({ details }) => details.content)).toEqual(['d', 'c', 'b', 'a']);
    const logged = errors();
    expect(logged).toMatchObject([{ sort_key: expect.stringMatching(/#e$/), attribute }]);
    expect(JSON.stringify(logged)).not.toContain('o-later');
    expect(await all(interactions.between(at, at + 1))).toHaveLength(4);
  });
});

describe('appending', () => {
  const sent = {
    openid: 'o-appended',
    kind: 'text',
    details: { content: '您好' },
    operator: 'ming',
    sentAt: NOON - 5_500,
    identity: 'send-1',
  };

  it('keeps what an operator sent, in both orders', async () => {
    expect(await interactions.append(sent)).toBe(true);

    const { interactions: kept } = await interactions.ofFollower('o-appended', { limit: 9 });
    const { openid, kind, details, operator } = sent;
    expect(kept).toEqual([expect.objectContaining({ openid, kind, details, operator, direction: 'out' })]);
    expect(await all(interactions.between(NOON - 5_500, NOON - 5_499))).toEqual(['您好']);
  });

  it('never overwrites', async () => {
    await interactions.append({ ...sent, identity: 'send-2' });

    expect(await interactions.append({ ...sent, identity: 'send-2', details: { content: 'other' } })).toBe(false);

    const { interactions: kept } = await interactions.ofFollower('o-appended', { limit: 9 });
    expect(kept.map(({ details }) => details.content)).toEqual(['您好', '您好']);
  });

  it('sets the expiry that is configured', async () => {
    const brief = history(db, table, { shards: 3, retentionDays: 30, now });
    await brief.append({ ...sent, openid: 'o-brief' });

    const { interactions: kept } = await brief.ofFollower('o-brief', { limit: 1 });
    expect(kept[0]?.expires_at).toBe(Math.floor((NOON - 5_500) / 1000) + 30 * 86_400);
  });
});
