import { BrokenHours, periodsOf } from '../../../lib/insights/periods.ts';
import { readTime, readZone } from '../../../lib/insights/zone.ts';

const zoned = (name: string) => {
  const zone = readZone(name);
  if (zone === undefined) throw new TypeError(`no zone ${name}`);
  return zone;
};
const iso = (moment = Number.NaN) => new Date(moment).toISOString();
const periods = (from: string, to: string, by: 'hour' | 'day' | 'week', zone: string) =>
  periodsOf({ from: Date.parse(from), to: Date.parse(to) }, by, zoned(zone)).map(({ from }) => iso(from).slice(0, 13));

describe('a time zone', () => {
  it.each([
    ['Asia/Shanghai', '2026-11-22T00:00Z', 8],
    ['+08:00', '2026-11-22T00:00Z', 8],
    [' 08:00', '2026-11-22T00:00Z', 8],
    ['-05:00', '2026-11-22T00:00Z', -5],
    ['UTC', '2026-11-22T00:00Z', 0],
    ['GMT', '2026-11-22T00:00Z', 0],
    ['Europe/Berlin', '2026-10-25T00:59Z', 2],
    ['Europe/Berlin', '2026-10-25T01:00Z', 1],
    ['America/New_York', '2026-07-01T00:00Z', -4],
    ['Asia/Kolkata', '2026-11-22T00:00Z', 5.5],
  ])('%s is ahead of UTC at %s by %d hours', (name, moment, hours) => {
    expect(zoned(name)(Date.parse(moment))).toBe(hours * 3_600_000);
  });

  it.each(['', 'Mars/Phobos', '+08:30', '+15:00', '8', '+8', 'local'])('%j is none we read', (name) => {
    expect(readZone(name)).toBeUndefined();
  });
});

describe('a time', () => {
  it.each([
    ['2026-11-22T13:00:00Z', '2026-11-22T13:00:00.000Z'],
    ['2026-11-22T13:00+08:00', '2026-11-22T05:00:00.000Z'],
    ['2026-11-22T13:00:00 08:00', '2026-11-22T05:00:00.000Z'],
    ['2026-11-22T13:00:00.5+0800', '2026-11-22T05:00:00.500Z'],
    ['2026-11-22', '2026-11-21T16:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(iso(readTime(text, zoned('Asia/Shanghai')))).toBe(expected);
  });

  it('of a day without midnight is the first moment of the day', () => {
    expect(iso(readTime('2026-04-24', zoned('Africa/Cairo')))).toBe('2026-04-23T22:00:00.000Z');
  });

  it.each([
    '',
    'yesterday',
    '2026-02-30',
    '2026-13-01T00:00Z',
    '2026-11-22T13:00:00',
    '1999-12-31',
    '2026-11-22T25:00Z',
    '7',
  ])('%j is none', (text) => {
    expect(readTime(text, zoned('UTC'))).toBeUndefined();
  });
});

describe('periods', () => {
  it('are local days, the first and last as long as is asked for', () => {
    expect(periods('2026-11-20T10:00Z', '2026-11-22T17:00Z', 'day', 'Asia/Shanghai')).toEqual([
      '2026-11-20T10',
      '2026-11-20T16',
      '2026-11-21T16',
      '2026-11-22T16',
    ]);
  });

  it('are weeks from Monday', () => {
    expect(periods('2026-11-01T16:00Z', '2026-11-16T16:00Z', 'week', '+08:00')).toEqual([
      '2026-11-01T16',
      '2026-11-08T16',
      '2026-11-15T16',
    ]);
  });

  it.each([
    ['of 25 hours', '2026-10-24T22:00Z', '2026-10-25T23:00Z', 25],
    ['of 23 hours', '2026-03-28T23:00Z', '2026-03-29T22:00Z', 23],
  ])('keep a day %s whole', (_, from, to, hours) => {
    expect(periods(from, to, 'day', 'Europe/Berlin')).toHaveLength(1);
    expect(periods(from, to, 'hour', 'Europe/Berlin')).toHaveLength(hours);
  });

  it.each(['Asia/Kolkata', 'Australia/Lord_Howe'])('are refused in %s', (zone) => {
    expect(() => periods('2026-03-01T00:00Z', '2026-06-01T00:00Z', 'day', zone)).toThrow(BrokenHours);
  });
});
