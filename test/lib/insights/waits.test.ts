import type { Behaviour } from '../../../lib/insights/behaviour.ts';
import { waitsOf } from '../../../lib/insights/waits.ts';
import { made } from './at-random.ts';

const HOUR_MS = 3_600_000;
const NOON = Date.parse('2026-11-22T12:00:00Z');

const message = { direction: 'in', kind: 'text', details: { content: 'hi' } } as const;
const tap = { direction: 'in', kind: 'event.CLICK', details: { key: 'HELP' } } as const;
const answer = { direction: 'out', kind: 'text', details: {}, operator: 'lin' } as const;
const automatic = { direction: 'out', kind: 'text', details: {} } as const;

const told = (...story: [hours: number, what: Parameters<typeof made>[0], lateSeconds?: number][]): Behaviour[] =>
  story.map(([hours, what, late = 0], index) => made(what, 'o-1', NOON + hours * HOUR_MS, late, index));
const hoursWaited = (story: Behaviour[]) => waitsOf(story).map(({ milliseconds }) => milliseconds / HOUR_MS);

describe('how long a follower waited', () => {
  it.each([
    ['from the first message since the last answer', told([0, message], [1, message], [3, answer]), [3]],
    ['only for the first answer of several', told([0, message], [1, answer], [2, answer]), [1]],
    ['anew for each question', told([0, message], [1, answer], [2, message], [2.5, answer]), [1, 0.5]],
    ['not for an operator who writes first', told([0, answer], [1, message]), []],
    ['not from an event', told([0, tap], [1, answer]), []],
    ['through what the account sends by itself', told([0, message], [1, automatic], [2, answer]), [2]],
    ['at most 48 hours', told([-49, message], [-48, message], [0, answer]), [48]],
    ['not from what the answer of 49 hours later gives up', told([-49, message], [0, answer], [1, answer]), []],
    ['from receipt, when a message arrives late', told([0, message, 7_200], [1, answer]), [1]],
    ['not from a message that is older than 48 hours by its own time', told([0, message, 50 * 3_600], [1, answer]), []],
    ['not from a message received after the answer', told([0, answer], [0.001, message, 60]), []],
  ])('%s', (_, story, expected) => {
    expect(hoursWaited(story)).toEqual(expected);
    expect(hoursWaited([...story].reverse())).toEqual(expected);
  });

  it('belongs to the moment of the answer', () => {
    expect(waitsOf(told([-2, message], [1, answer]))[0]?.answeredAt).toBe(NOON + HOUR_MS);
  });
});
