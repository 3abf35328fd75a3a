import fc from 'fast-check';
import { merge, noFigures } from '../../../lib/insights/figures.ts';
import { read, store } from '../../../lib/insights/stored.ts';
import { summary } from '../../../lib/insights/summary.ts';
import { interactionsBetween } from './at-random.ts';
import { figuresFor, HOUR, HOUR_MS, throughJson } from './in-memory.ts';

const nobody = () => [];

describe('an hour in its row', () => {
  it('is the same in whatever order its interactions are counted', async () => {
    const orders = interactionsBetween(HOUR, HOUR + HOUR_MS, 200).chain((some) =>
      fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
    );
    const check = fc.asyncProperty(orders, async ([one, other]) => {
      expect(store(await figuresFor(one), nobody)).toEqual(store(await figuresFor(other), nobody));
    });
    await fc.assert(check, { seed: 7, numRuns: 25 });
  });

  it('says the same after it was stored and read', async () => {
    const check = fc.asyncProperty(interactionsBetween(HOUR, HOUR + HOUR_MS, 200), async (interactions) => {
      const figures = await figuresFor(interactions);
      expect(summary(read(throughJson(store(figures, nobody))))).toEqual(summary(figures));
    });
    await fc.assert(check, { seed: 7, numRuns: 25 });
  });

  it('without interactions is small', () => {
    expect(JSON.stringify(store(noFigures(), nobody)).length).toBeLessThan(300);
  });

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
