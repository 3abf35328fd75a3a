import { unreachable } from '../../../../lib/replies/rules/reachability.ts';
import type { ReplyRule } from '../../../../lib/replies/rules/rule.ts';
import type { Condition, RuleWindow } from '../../../../lib/replies/rules/shape.ts';
import { aRule, textIs } from './rules.ts';

const reached = (...list: ReplyRule[]) =>
  unreachable(list).map(({ name, because }) => `${name}: ${because.map((each) => each.name)}`);

const on = (name: string, condition: Condition, but: Partial<ReplyRule> = {}) => aRule({ name, condition, ...but });
const anything: Condition = { type: 'anything' };
const messages = (...message_types: ('text' | 'image' | 'voice')[]): Condition => ({ type: 'message', message_types });
const subscribed = (...scenes: string[]): Condition => ({
  type: 'event',
  event: 'subscribe',
  ...(scenes.length > 0 && { scenes }),
});
const clicked = (...keys: string[]): Condition => ({ type: 'event', event: 'CLICK', ...(keys.length > 0 && { keys }) });

const typed = (condition: Condition): Condition => ({ ...condition, voice: false }) as Condition;
const entry = (...ids: string[]): Condition => ({ type: 'msgmenu', ...(ids.length > 0 && { ids }) });
const waiting = (...keys: string[]): Condition => ({
  type: 'event',
  event: 'scancode_waitmsg',
  ...(keys.length > 0 && { keys }),
});

it.each<[string, Condition, Condition, boolean]>([
  ['anything, text', anything, textIs('equals', 'x'), true],
  ['anything, event', anything, clicked('V1'), true],
  ['anything, anything', anything, anything, true],
  ['text messages, text and voice', messages('text'), textIs('matches', '.'), false],
  ['text messages, text without voice', messages('text'), typed(textIs('matches', '.')), true],
  ['text and voice messages, text', messages('text', 'voice'), textIs('matches', '.'), true],
  ['text without voice, text', typed(textIs('equals', 'x')), textIs('equals', 'x'), false],
  ['text, text without voice', textIs('equals', 'x'), typed(textIs('equals', 'x')), true],
  ['text, voice messages', textIs('contains', 'x'), messages('voice'), false],
  ['text messages, an entry', messages('text'), entry('1'), true],
  ['voice messages, an entry', messages('voice'), entry('1'), false],
  ['every entry, one', entry(), entry('1'), true],
  ['one entry, every', entry('1'), entry(), false],
  ['entries, one of them', entry('1', '2'), entry('2'), true],
  ['an entry, text', entry(), textIs('equals', 'x'), false],
  ['scan and wait, on one button', waiting(), waiting('S1'), true],
  ['scan and wait on one button, on another', waiting('S1'), waiting('S2'), false],
  ['scan and wait, click', waiting(), clicked('S1'), false],
  ['text messages, anything', messages('text'), anything, false],
  ['images, text', messages('image'), textIs('equals', 'x'), false],
  ['more messages, fewer', messages('image', 'voice'), messages('voice'), true],
  ['fewer messages, more', messages('voice'), messages('image', 'voice'), false],
  ['text, text messages', textIs('contains', 'x'), messages('text'), false],
  ['the same text, written otherwise', textIs('equals', ' Ａb'), textIs('equals', 'aB'), true],
  ['contains, equals', textIs('contains', '发'), textIs('equals', '发票'), true],
  ['contains, starts with', textIs('contains', '票'), textIs('starts_with', '发票'), true],
  ['contains, contains more', textIs('contains', '票'), textIs('contains', '发票'), true],
  ['contains, contains less', textIs('contains', '发票'), textIs('contains', '票'), false],
  ['starts with, equals', textIs('starts_with', '发'), textIs('equals', '发票'), true],
  ['starts with, contains', textIs('starts_with', '发'), textIs('contains', '发票'), false],
  ['starts with more, starts with', textIs('starts_with', '发票'), textIs('starts_with', '发'), false],
  ['equals, starts with', textIs('equals', '发'), textIs('starts_with', '发'), false],
  ['equals, contains', textIs('equals', '发'), textIs('contains', '发'), false],
  ['any of several, two of them', textIs('contains', 'a', 'b', 'c'), textIs('contains', 'c', 'a'), true],
  ['any of two, three', textIs('contains', 'a', 'b'), textIs('contains', 'a', 'b', 'c'), false],
  ['a pattern, the same', textIs('matches', 'a+'), textIs('matches', 'a+'), true],
  ['a pattern, another', textIs('matches', 'a+'), textIs('matches', 'a'), false],
  ['every subscription, one by scene', subscribed(), subscribed('1'), true],
  ['subscription by scene, every', subscribed('1'), subscribed(), false],
  ['subscription by scenes, by one', subscribed('1', '2'), subscribed('2'), true],
  ['click on one, on another', clicked('V1'), clicked('V2'), false],
  ['subscription, scan', subscribed(), { type: 'event', event: 'SCAN' }, false],
  ['reported place, the same', { type: 'event', event: 'LOCATION' }, { type: 'event', event: 'LOCATION' }, true],
])('%s: the second is never reached: %4$s', (_, first, second, isHidden) => {
  expect(reached(on('first', first), on('second', second))).toEqual(isHidden ? ['second: first'] : []);
});

it('names all who together leave nothing', () => {
  const list = [
    on('a', textIs('contains', 'a')),
    on('b', textIs('equals', 'b')),
    on('both', textIs('equals', 'b', 'xa')),
  ];
  expect(reached(...list)).toEqual(['both: b,a']);
});

it('is not about disabled rules', () => {
  expect(reached(on('off', anything, { enabled: false }), on('on', anything))).toEqual([]);
  expect(reached(on('on', anything), on('off', anything, { enabled: false }))).toEqual([]);
});

const zone = { time_zone: 'Asia/Shanghai' };
const hours = (from: string, to: string): RuleWindow => ({ ...zone, hours: { from, to } });

it.each<[string, RuleWindow | undefined, RuleWindow | undefined, boolean]>([
  ['no window, any', undefined, hours('09:00', '18:00'), true],
  ['a window without limits, none', zone, undefined, true],
  ['a window, none', hours('09:00', '18:00'), undefined, false],
  ['hours, fewer', hours('09:00', '18:00'), hours('10:00', '18:00'), true],
  ['hours, more', hours('09:00', '18:00'), hours('09:00', '18:01'), false],
  ['a night, the same', hours('22:00', '06:00'), hours('22:00', '06:00'), true],
  ['a night, an hour in it', hours('22:00', '06:00'), hours('23:00', '23:30'), false],
  ['the same hours elsewhere', hours('09:00', '18:00'), { ...hours('09:00', '18:00'), time_zone: 'UTC' }, false],
  ['weekdays, fewer', { ...zone, weekdays: ['mon', 'tue'] }, { ...zone, weekdays: ['tue'] }, true],
  ['weekdays, more', { ...zone, weekdays: ['mon'] }, { ...zone, weekdays: ['mon', 'tue'] }, false],
  [
    'weekdays, the night after',
    { ...zone, weekdays: ['fri'] },
    { ...hours('22:00', '06:00'), weekdays: ['fri'] },
    false,
  ],
  ['dates, fewer', { ...zone, from: '2026-01-01' }, { ...zone, from: '2026-01-02', until: '2026-01-03' }, true],
  ['dates, until later', { ...zone, until: '2026-01-02' }, { ...zone, until: '2026-01-03' }, false],
])('windows: %s', (_, window, other, isHidden) => {
  const first = on('first', anything, window && { window });
  expect(reached(first, on('second', anything, other && { window: other }))).toEqual(isHidden ? ['second: first'] : []);
});

it('ends its search after a million comparisons: 500 rules of fifty words take no minutes', () => {
  const words = (index: number) => Array.from({ length: 50 }, (_, word) => `<${index} ${word}>`);
  const list = Array.from({ length: 500 }, (_, index) => on(`rule ${index}`, textIs('contains', ...words(index))));
  const hidden = on('hidden', textIs('equals', '<0 7>'));
  expect(reached(...list.slice(0, 20), hidden)).toEqual(['hidden: rule 0']);
  expect(reached(...list, hidden)).toEqual([]);
});
