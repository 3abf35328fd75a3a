import fc from 'fast-check';
import { checkBudget, stepsOf } from '../../../../lib/replies/rules/budget.ts';
import { normalized } from '../../../../lib/replies/rules/comparing.ts';
import { ruleCompiler } from '../../../../lib/replies/rules/compile.ts';
import { decideByRules } from '../../../../lib/replies/rules/decide.ts';
import { LIMITS } from '../../../../lib/replies/rules/limits.ts';
import { compilePattern, InvalidPattern } from '../../../../lib/replies/rules/pattern.ts';
import type { ReplyRule } from '../../../../lib/replies/rules/rule.ts';
import { STEPS_OF_ANY_LIST } from '../../../../lib/replies/rules/steps.ts';
import { namesIn, readTemplate } from '../../../../lib/replies/rules/template.ts';
import { BOMBS } from './bombs.ts';
import { aRule, decide, message, NOW, said, saidBy, textIs } from './rules.ts';

const HUGE = 200_000;

/** Each would take minutes or years where the time grows with the square or the cube of the length. */
describe('a text of 200,000 characters is read once from its beginning to its end', () => {
  const TEXTS = {
    'braces and blanks': `{{${' '.repeat(HUGE)}`,
    'open braces': '{'.repeat(HUGE),
    'braces and names': '{{ a '.repeat(HUGE / 5),
    places: '{{ text }}'.repeat(HUGE / 10),
    'blanks that nothing closes': `{{ ${'a '.repeat(HUGE / 2)}}`,
    'tags that nothing closes': '<a {{text}}'.repeat(HUGE / 11),
    'brackets far before': `<a ${'{{text}}'.repeat(HUGE / 8)}`,
  };

  it.each(Object.entries(TEXTS))('as a template: %s', (_, text) => {
    const known = readTemplate(text).filter((part) => typeof part !== 'string');
    expect(known.length).toBe(namesIn(text).filter((name) => name === 'text').length);
  });

  it.each([
    ['combining marks', `a${'\u0301'.repeat(HUGE / 2)}${'\u0316'.repeat(HUGE / 2)}`],
    ['letters that become many', '\ufdfa'.repeat(HUGE)],
    ['blanks', ' '.repeat(HUGE)],
  ])('as what a follower says: %s', async (_, text) => {
    for (const word of 'abcdefghijklmnopqrst') {
      const list = [aRule({ condition: textIs('contains', `${word}!`, text.slice(0, 200)) }), aRule({ name: word })];
      const { rule } = await decide(list, said(text));
      expect(rule).toBeDefined();
    }
    expect(normalized(text).length).toBeLessThanOrEqual(LIMITS.text_reads_characters);
  });

  it.each([
    ['brackets and blanks', `<${' '.repeat(HUGE)}`],
    ['brackets', '<'.repeat(HUGE)],
    ['brackets and slashes', '< / '.repeat(HUGE / 4)],
    ['characters that XML cannot hold', '\u0000'.repeat(HUGE)],
  ])('as what is inserted in 150 places: %s', async (_, text) => {
    const rule = aRule({ answer: { type: 'text', content: `「${'{{text}}'.repeat(150)}」` } });
    const content = await saidBy(rule, said(text));
    expect(Buffer.byteLength(content ?? '')).toBeLessThanOrEqual(LIMITS.text_bytes);
  });
});

describe('places and links', () => {
  /** What the scanners replace: right, but cubic and quadratic. */
  const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g;
  const OPEN_TAG = /<a\s[^<>]*$/i;
  const pieces = fc.constantFrom(
    '{',
    '}',
    '{{',
    '}}',
    ' ',
    '\n',
    '<',
    '>',
    '<a',
    'A',
    '/',
    'text',
    '1',
    '{{text}}',
    '好',
  );
  const texts = fc.array(pieces, { maxLength: 16, size: 'max' }).map((some) => some.join(''));

  it('are found where a regular expression finds them', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const found = [...text.matchAll(PLACE)];
        expect(namesIn(text)).toEqual(found.map(([, name]) => name));
        const tags = readTemplate(text).flatMap((part) => (typeof part === 'string' ? [] : [part.isInTag]));
        const known = found.filter(([, name = '']) => ['text', '1'].includes(name));
        expect(tags).toEqual(known.map(({ index }) => OPEN_TAG.test(text.slice(0, index))));
      }),
      { numRuns: 5_000, seed: 20261126 },
    );
  });

  it('that a follower writes are no links, as a regular expression sees them', async () => {
    const TAG = /<(?=\s*\/?\s*a\b)/gi;
    const rule = aRule({ answer: { type: 'text', content: '「{{text}}」' } });
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(await saidBy(rule, said(text))).toBe(`「${text.replace(TAG, '＜')}」`);
      }),
      { numRuns: 2_000, seed: 20261126 },
    );
  });
});

describe('all rules together', () => {
  it('never take more than was counted when they were saved, whatever the rules and the text', async () => {
    const source = fc.constantFrom(...BOMBS, '你(.)', '[一-龥]+$', '\\pL*\\d', '^a', '(?:x|y)*z');
    const value = fc.oneof(fc.constantFrom('a', '你好', 'İ'.repeat(20)), fc.string({ minLength: 1, maxLength: 200 }));
    const comparison = fc.oneof(
      fc.record({ comparison: fc.constantFrom('equals' as const, 'contains', 'starts_with'), value }),
      fc.record({ comparison: fc.constant('matches' as const), value: source }),
    );
    const window = fc.constantFrom(undefined, { time_zone: 'Asia/Tokyo' }, { time_zone: 'UTC', until: '2000-01-01' });
    const rule = fc
      .record({ any_of: fc.array(comparison, { minLength: 1, maxLength: 5 }), enabled: fc.boolean(), window })
      .map(({ any_of, enabled, window }) =>
        aRule({ enabled, condition: { type: 'text', any_of }, ...(window && { window }) }),
      );
    const text = fc
      .tuple(
        fc.constantFrom('a', 'ab', '中文', 'İ', '\ufdfa', '\u0301\u0316', '1a '),
        fc.integer({ min: 0, max: 3_000 }),
      )
      .map(([unit, times]) => unit.repeat(times));
    await fc.assert(
      fc.asyncProperty(fc.array(rule, { maxLength: 12 }), text, fc.boolean(), async (list, content, isSpoken) => {
        const delivery = isSpoken ? message('voice', { recognition: content }) : said(content);
        const { steps } = await decide(list, delivery);
        expect(steps).toBeLessThanOrEqual((await stepsOf(list)) + STEPS_OF_ANY_LIST);
      }),
      { numRuns: 300, seed: 20261126 },
    );
  });

  it('cost nothing while they are disabled, and are not compiled', async () => {
    const disabled = overBudgetList().map((rule) => ({ ...rule, enabled: false }));
    expect(await stepsOf(disabled)).toBe(0);
    const broken = aRule({ enabled: false, condition: textIs('matches', '(') });
    const [compiled] = await ruleCompiler()([broken]);
    expect(compiled).toMatchObject({ isBroken: false, steps: 0 });
  });

  it('may become cheaper, but not costlier, while they are too costly already', async () => {
    const many = overBudgetList();
    const fewer = many.slice(1);
    expect(await checkBudget(many, fewer)).toEqual({ ok: true });
    expect(await checkBudget(fewer, many)).toEqual({
      ok: false,
      code: 'TOO_MANY_STEPS',
      detail: expect.stringMatching(/^the rules take \d+ steps, at most \d+; the costliest: /),
    });
    expect(await checkBudget(many, many)).toMatchObject({ ok: false, code: 'TOO_MANY_STEPS' });
  });
});

/** Twice as much as may be saved; an older version may have saved it. */
function overBudgetList(count = 300): ReplyRule[] {
  return Array.from({ length: count }, (_, index) =>
    aRule({ id: `costly-${index}`, condition: textIs('matches', `(?:(?:a?)(?:b?)){29}c${index}$`) }),
  );
}

describe('rules that an older version has saved and that are too costly', () => {
  it('give no reply to a text that takes more steps than there may be, and the rule is named', async () => {
    const list = [...overBudgetList(), aRule({ name: 'rest' })];
    const { rule, reply, over_budget_at, passed } = await decide(list, said('中文'.repeat(600)));
    expect([rule, reply]).toEqual([undefined, null]);
    expect(over_budget_at).toEqual({ id: `costly-${passed.length}`, name: `costly-${passed.length}` });
    expect(passed.length).toBeGreaterThan(50);
  });

  it('answer what is decided before, and a short text', async () => {
    const first = aRule({ name: 'first', condition: textIs('starts_with', '中') });
    const list = [first, ...overBudgetList(), aRule({ name: 'rest' })];
    expect(await saidBy(first, said('中文'))).toBe('first');
    expect((await decide(list, said('中文'.repeat(600)))).rule?.name).toBe('first');
    expect((await decide(list, said('短'))).rule?.name).toBe('rest');
  });

  it('are compiled no further than the budget goes', async () => {
    const ranges = Array.from({ length: 400 }, (_, index) =>
      aRule({ id: `range-${index}`, condition: textIs('matches', `[B-\\x{1e900}]${index}$`) }),
    );
    const compiled = await ruleCompiler()(ranges);
    const decided = decideByRules(compiled, said('é'), { now: NOW, random: () => 0 });
    expect(decided.over_budget_at?.id).toMatch(/^range-\d\d$/);
    const again = ruleCompiler();
    await again(ranges);
    expect(
      decideByRules(await again(ranges.slice(300)), said('é'), { now: NOW, random: () => 0 }).passed.length,
    ).toBeGreaterThan(25);
  });
});

describe('a pattern', () => {
  it.each([
    '[A-\\x{1e943}][A-\\x{1e943}]',
    '[一-龥]'.repeat(7),
    '[\\x{0}-\\x{1FFFF}]{2}[B-𞤀]',
    '[\\x41-\\x{10FFFF}]|[Ａ-𞤀]',
  ])('whose ranges hold too many characters is refused before it is compiled: %s', (source) => {
    expect(() => compilePattern(source)).toThrow(InvalidPattern);
    expect(() => compilePattern(source)).toThrow(
      /^is too large: the ranges of its classes hold \d+ characters, at most 131072$/,
    );
  });

  it.each([
    '^[一-龥]{2,4}$',
    '订单-(\\d+)-(\\w+)',
    '[A-Za-z0-9_-]+@[a-z]+',
    '\\d{4}-\\d{2}-\\d{2}',
    '[\\x{4e00}-\\x{9fa5}]+',
    '[!-\\]]',
    '[-a]',
    'a-',
  ])('that people write is taken: %s', (source) => expect(compilePattern(source).instructions).toBeGreaterThan(1));
});
