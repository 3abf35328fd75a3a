import { namedZone } from '../../../lib/platform/time-zone.ts';

const HOUR_MS = 3_600_000;

it.each([
  ['Asia/Shanghai', '2026-07-01T00:00:00Z', 8],
  ['UTC', '2026-07-01T00:00:00Z', 0],
  ['Europe/London', '2026-01-01T00:00:00Z', 0],
  ['Europe/London', '2026-07-01T00:00:00Z', 1],
  ['America/St_Johns', '2026-01-01T00:00:00Z', -3.5],
  ['Asia/Kathmandu', '2026-01-01T00:00:00Z', 5.75],
  ['Pacific/Kiritimati', '2026-01-01T00:00:00Z', 14],
])('knows %s at %s', (name, moment, hours) => {
  expect(namedZone(name)?.(Date.parse(moment))).toBe(hours * HOUR_MS);
});

it('changes with the clocks, to the millisecond', () => {
  const zone = namedZone('Europe/Berlin');
  const change = Date.parse('2026-03-29T01:00:00Z');
  expect([zone?.(change - 1), zone?.(change)]).toEqual([HOUR_MS, 2 * HOUR_MS]);
});

it.each(['', '+08:00', 'Mars/Olympus', 'Asia', '上海', 'Asia/Shanghai\n'])('knows no %j', (name) => {
  expect(namedZone(name)).toBeUndefined();
});
