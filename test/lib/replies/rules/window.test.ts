import type { RuleWindow } from '../../../../lib/replies/rules/shape.ts';
import { aRule, decide, said } from './rules.ts';

const SHANGHAI = 'Asia/Shanghai';
const NEW_YORK = 'America/New_York';

async function whyNot(window: RuleWindow, at: string): Promise<string | undefined> {
  const { passed } = await decide([aRule({ window })], said('你好'), { now: Date.parse(at) });
  return passed[0];
}

const HOURS = 'the time is outside the hours of the rule';
const WEEKDAY = 'the weekday is not among the weekdays of the rule';
const DATES = 'the date is outside the dates of the rule';

const office: RuleWindow = {
  time_zone: SHANGHAI,
  weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
  hours: { from: '09:00', to: '18:00' },
};
const fridayNight: RuleWindow = { time_zone: SHANGHAI, weekdays: ['fri'], hours: { from: '22:00', to: '06:00' } };
const spring: RuleWindow = { time_zone: SHANGHAI, from: '2026-02-16', until: '2026-02-22' };
const lastNight: RuleWindow = { time_zone: SHANGHAI, until: '2026-01-31', hours: { from: '20:00', to: '08:00' } };
const twoToThree: RuleWindow = { time_zone: NEW_YORK, hours: { from: '02:00', to: '03:00' } };
const oneToTwo: RuleWindow = { time_zone: NEW_YORK, hours: { from: '01:00', to: '02:00' } };

it.each<[string, RuleWindow, string, string | undefined]>([
  ['the first minute', office, '2026-01-01T09:00:00+08:00', undefined],
  ['the minute before', office, '2026-01-01T08:59:59+08:00', HOURS],
  ['the last minute', office, '2026-01-01T17:59:59+08:00', undefined],
  ['the minute after', office, '2026-01-01T18:00:00+08:00', HOURS],
  ['a Saturday', office, '2026-01-03T10:00:00+08:00', WEEKDAY],
  [
    'a Monday in Shanghai, Sunday in UTC',
    { ...office, hours: { from: '00:00', to: '24:00' } },
    '2026-01-04T23:00:00Z',
    undefined,
  ],

  ['Friday before midnight', fridayNight, '2026-01-02T23:00:00+08:00', undefined],
  ['the night that began on Friday', fridayNight, '2026-01-03T05:59:00+08:00', undefined],
  ['its end', fridayNight, '2026-01-03T06:00:00+08:00', HOURS],
  ['the night that began on Thursday', fridayNight, '2026-01-02T03:00:00+08:00', WEEKDAY],
  ['Saturday before midnight', fridayNight, '2026-01-03T22:30:00+08:00', WEEKDAY],
  [
    'until midnight',
    { time_zone: SHANGHAI, hours: { from: '22:00', to: '00:00' } },
    '2026-01-03T00:00:00+08:00',
    HOURS,
  ],
  ['to 24:00', { time_zone: SHANGHAI, hours: { from: '22:00', to: '24:00' } }, '2026-01-02T23:59:00+08:00', undefined],

  ['the first day', spring, '2026-02-16T00:00:00+08:00', undefined],
  ['the day before', spring, '2026-02-15T23:59:59+08:00', DATES],
  ['the last day', spring, '2026-02-22T23:59:59+08:00', undefined],
  ['the day after', spring, '2026-02-23T00:00:00+08:00', DATES],
  ['the night of the last day', lastNight, '2026-02-01T07:00:00+08:00', undefined],
  ['the next night', lastNight, '2026-02-01T21:00:00+08:00', DATES],

  ['another zone', { ...office, time_zone: NEW_YORK }, '2026-01-01T09:00:00+08:00', HOURS],
  ['another zone by its own clocks', { ...office, time_zone: NEW_YORK }, '2026-01-01T09:00:00-05:00', undefined],
  ['the hour before the one that summer time skips', oneToTwo, '2026-03-08T06:59:59Z', undefined],
  ['the hour that summer time skips', twoToThree, '2026-03-08T07:00:00Z', HOURS],
  ['the hour that comes twice, once', oneToTwo, '2026-11-01T05:30:00Z', undefined],
  ['the hour that comes twice, again', oneToTwo, '2026-11-01T06:30:00Z', undefined],
  ['the hour after it came twice', oneToTwo, '2026-11-01T07:00:00Z', HOURS],
  [
    'a quarter of an hour off',
    { time_zone: 'Asia/Kathmandu', hours: { from: '05:45', to: '05:46' } },
    '2026-01-01T00:00:00Z',
    undefined,
  ],
  ['a leap day', { time_zone: 'UTC', from: '2028-02-29', until: '2028-02-29' }, '2028-02-29T12:00:00Z', undefined],
  ['a window without limits', { time_zone: SHANGHAI }, '2026-01-01T00:00:00Z', undefined],
])('%s', async (_, window, at, why) => expect(await whyNot(window, at)).toBe(why));
