import fc from 'fast-check';
import { LIMITS } from '../../../../lib/replies/rules/limits.ts';
import { compilePattern, InvalidPattern } from '../../../../lib/replies/rules/pattern.ts';
import { BOMBS } from './bombs.ts';

const TEXTS = {
  'one letter': 'a'.repeat(65_535),
  'two letters': 'ab'.repeat(32_768),
  digits: '0123456789 '.repeat(5_958),
  Chinese: '中文'.repeat(32_768),
  'nearly a match': `${'a'.repeat(1_023)}!`,
};

/** Steps of the engine, each some nanoseconds; beyond this bound a pattern is refused or a text not read. */
const MOST_STEPS = LIMITS.pattern_steps * LIMITS.pattern_reads_characters;

it('costs at most some hundred thousand steps', () => expect(MOST_STEPS).toBe(131_072));

describe.each(Object.entries(TEXTS))('a bomb on 64 KB of %s', (_, text) => {
  it.each(BOMBS)('is defused or refused: %s', (source) => {
    try {
      const { find } = compilePattern(source);
      expect(find(text)).toEqual(find(text.slice(0, LIMITS.pattern_reads_characters)));
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidPattern);
    }
  });
});

it.each(['(a{1,30}){1,30}b', '.{1000}x', '(a?){140}$', '[ab]*a[ab]{200}c', 'a{0,500}b', '\\pL{90}(\\w?){30}'])(
  'refuses %s, which takes too many steps',
  (source) => {
    expect(() => compilePattern(source)).toThrow(/^is too large: \d+ steps per character, at most 128$/);
  },
);

it.each(['(', '[a', 'a**', '(?=a)', '(?!a)', '(?<=a)b', '(a)\\1', '\\', 'a{2,1}', '(?P<n>a)(?P<n>b)'])(
  'refuses %s, which is not RE2 syntax',
  (source) => {
    expect(() => compilePattern(source)).toThrow(/^is not RE2 syntax: /);
  },
);

it.each([
  ['订单 ?(\\d+)', '我的订单１２３', undefined],
  ['订单 ?(\\d+)', '我的订单123', ['123']],
  ['查(.+?)(天气|温度)', '查北京天气', ['北京', '天气']],
  ['(a)|(b)', 'B', ['', 'B']],
  ['ＡＢＣ', 'abc', []],
  ['[Ａ-Ｃ]+', 'cab', []],
  ['（(.+)）', '(x)', ['x']],
  ['[（）]', ')', []],
  ['１．５', '1.5', []],
  ['１．５', '1x5', undefined],
  ['㎏+', 'kgkg', []],
  ['\\（', '(', undefined],
  ['\\p{Han}{2}', '中文', []],
  ['^.$', '😀', []],
  ['^$', '', []],
  ['a.b', 'a\nb', undefined],
  ['(?s)a.b', 'a\nb', []],
])('%s in %j captures %j', (source, text, captured) => {
  const found = (() => {
    try {
      return compilePattern(source).find(text);
    } catch {
      return undefined;
    }
  })();
  expect(found).toEqual(captured);
});

it('reads the first 1,024 characters and no half of an emoji', () => {
  const behind = (characters: number) => `${'。'.repeat(characters)}x`;
  expect(compilePattern('x').find(behind(1_023))).toEqual([]);
  expect(compilePattern('x').find(behind(1_024))).toBeUndefined();
  expect(compilePattern('(.)$').find(`${'。'.repeat(1_023)}😀`)).toEqual(['。']);
});

it('throws nothing but InvalidPattern, and finds without throwing, whatever the pattern', () => {
  const characters = fc.constantFrom(...'ab\\()[]{}*+?|^$.-,1９（）…[^:dwPp<>=!\n😀 ');
  fc.assert(
    fc.property(fc.array(characters, { maxLength: 14 }), fc.string({ unit: 'grapheme' }), (source, text) => {
      try {
        const { find, groups } = compilePattern(source.join(''));
        const found = find(text);
        return found === undefined || found.length === groups;
      } catch (error) {
        return error instanceof InvalidPattern;
      }
    }),
    { numRuns: 2_000, seed: 20261122 },
  );
});
