import fc from 'fast-check';
import { type Figures, merge, noFigures } from '../../../lib/insights/figures.ts';
import { hourOf } from '../../../lib/insights/hours.ts';
import { readHours, unlimited } from '../../../lib/insights/read-hours.ts';
import { MOST_ROW_BYTES, read, type StoredFigures, store } from '../../../lib/insights/stored.ts';
import { summary } from '../../../lib/insights/summary.ts';
import type { Interaction } from '../../../lib/tables/interactions/item.ts';
import { HASHES } from '../../support/hashes.ts';
import { interactionsBetween, made } from './at-random.ts';

const HOUR = Date.parse('2026-11-22T13:00:00Z');
const HOUR_MS = 3_600_000;
const nobody = () => [];

/** Interactions in memory, in the order given. */
const inMemory = (interactions: readonly Interaction[]) => {
  const byFollower = new Map<string, Interaction[]>();
  for (const interaction of interactions) {
    const { openid } = interaction;
    byFollower.set(openid, byFollower.get(openid) ?? []);
    byFollower.get(openid)?.push(interaction);
  }
  return {
    async *between() {
      yield* interactions;
    },
    async *ofFollowerBetween(openid: string) {
      yield* byFollower.get(openid) ?? [];
    },
  };
};
const figuresOf = async (interactions: readonly Interaction[]): Promise<Figures> =>
  (await readHours({ history: inMemory(interactions), hashes: HASHES }, HOUR, HOUR + HOUR_MS, unlimited())).get(HOUR) ??
  noFigures();
const throughJson = (stored: StoredFigures): StoredFigures => JSON.parse(JSON.stringify(stored));

describe('an hour in its row', () => {
  it('is the same in whatever order its interactions are counted', async () => {
    const orders = interactionsBetween(HOUR, HOUR + HOUR_MS, 200).chain((some) =>
      fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
    );
    const check = fc.asyncProperty(orders, async ([one, other]) => {
      expect(store(await figuresOf(one), nobody)).toEqual(store(await figuresOf(other), nobody));
    });
    await fc.assert(check, { seed: 7, numRuns: 25 });
  });

  it('says the same after it was stored and read', async () => {
    const check = fc.asyncProperty(interactionsBetween(HOUR, HOUR + HOUR_MS, 200), async (interactions) => {
      const figures = await figuresOf(interactions);
      expect(summary(read(throughJson(store(figures, nobody))))).toEqual(summary(figures));
    });
    await fc.assert(check, { seed: 7, numRuns: 25 });
  });

  it('without interactions is small', () => {
    expect(JSON.stringify(store(noFigures(), nobody)).length).toBeLessThan(300);
  });

  it('takes at most 100 KB for 200,000 interactions, whatever they are', async () => {
    const interactions = Array.from({ length: 200_000 }, (_, index) => flood(index));
    expect(interactions.every(({ received }) => hourOf(Number(received.slice(0, 13))) === HOUR)).toBe(true);
    const figures = await figuresOf(interactions);
    const stored = store(figures, nobody);
    const bytes = Buffer.byteLength(JSON.stringify(stored));
    expect(bytes).toBeLessThanOrEqual(MOST_ROW_BYTES);
    expect(bytes).toBeGreaterThan(MOST_ROW_BYTES / 2);
    expect(summary(read(throughJson(stored)))).toMatchObject({
      messages: { total: 80_000 },
      answers: 20_000,
      approximate: {
        'followers.active': { relative: 0.024 },
        first_answers: { relative: 0.01 },
        menu: { short_by_at_most: 1 },
        scenes: { short_by_at_most: 1 },
        texts: { short_by_at_most: 8 },
        answered_by: { short_by_at_most: 1 },
      },
    });
  }, 60_000);

  it('is refused, not cut, should its parts ever outgrow their bounds', () => {
    const figures = noFigures();
    for (let name = 0; name < 10_000; name++) figures.events.set(`event ${name}`, 1);
    expect(() => store(figures, nobody)).toThrow(RangeError);
  });

  it('merges into exact counts of all kinds as long as kinds are few', () => {
    const [one, other] = [noFigures(), noFigures()];
    one.messages.set('text', 2);
    other.messages.set('text', 3).set('image', 1);
    merge(one, other);
    expect([...one.messages]).toEqual([
      ['text', 5],
      ['image', 1],
    ]);
  });
});

/** Everything as different and as long as it may be, and every text sent by eight followers. */
function flood(index: number): Interaction {
  const at = HOUR + Math.floor((index / 200_000) * HOUR_MS);
  const isAnswer = index % 10 === 9;
  const openid = `o-${(isAnswer ? index - 4_009 : index) % 40_000}`;
  const long = '很'.repeat(300);
  const kinds = [
    { direction: 'in', kind: 'text', details: { content: `${Math.floor(index / 40)} ${long}` } },
    { direction: 'in', kind: 'event.VIEW', details: { url: `https://example.com/${index}?${'x'.repeat(900)}` } },
    {
      direction: 'in',
      kind: 'event.SCAN',
      details: { scene: `${index} ${'y'.repeat(60)}` },
      answered_by: `rule ${index}`,
    },
    { direction: 'in', kind: `unknown.${index}${'z'.repeat(200)}`, details: {} },
    { direction: 'in', kind: 'event.subscribe', details: { scene: `${index}` } },
  ] as const;
  const answer = { direction: 'out', kind: 'text', details: {}, operator: 'lin' } as const;
  return made(isAnswer ? answer : (kinds[index % 5] ?? answer), openid, at, 0, index);
}
