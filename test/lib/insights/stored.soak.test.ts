import { hourOf } from '../../../lib/insights/hours.ts';
import { MOST_ROW_BYTES, read, store } from '../../../lib/insights/stored.ts';
import { summary } from '../../../lib/insights/summary.ts';
import type { Interaction } from '../../../lib/interactions/interaction.ts';
import { made } from './at-random.ts';
import { figuresFor, HOUR, HOUR_MS, throughJson } from './in-memory.ts';

it('an hour in its row takes at most 100 KB for 200,000 interactions, whatever they are', async () => {
  const interactions = Array.from({ length: 200_000 }, (_, index) => flood(index));
  expect(interactions.every(({ received }) => hourOf(Number(received.slice(0, 13))) === HOUR)).toBe(true);
  const figures = await figuresFor(interactions);
  const stored = store(figures, () => []);
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
