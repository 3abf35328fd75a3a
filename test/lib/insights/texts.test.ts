import { addText, mergeTexts, normalised, noTexts, readTexts, shown, storeTexts } from '../../../lib/insights/texts.ts';
import { HASHES } from '../../support/hashes.ts';

/** Hashes that can be read. */
const PLAIN = { key: '', of: (text: string) => (text.length > 11 ? HASHES.of(text) : text.padEnd(11, '-')) };

const said = (...pairs: [follower: string, text: string][]) => {
  const texts = noTexts();
  for (const [follower, text] of pairs) addText(texts, text, follower, PLAIN);
  return texts;
};
const nobody = () => [];

describe('normalised', () => {
  it.each([
    ['  Hello   World\n', 'hello world'],
    ['ＨＥＬＬＯ　ｗｏｒｌｄ', 'hello world'],
    ['ﾀﾞ', 'ダ'],
    ['价格？', '价格?'],
    ['👋🏽', '👋🏽'],
    ['　\t', ''],
  ])('%j is %j', (text, expected) => {
    expect(normalised(text)).toBe(expected);
  });

  it('takes no minutes for a text of combining marks, whose time in NFKC grows with the square of its length', () => {
    const marks = `a${'\u0301'.repeat(500_000)}${'\u0316'.repeat(500_000)}`;
    expect(normalised(marks).length).toBeLessThanOrEqual(2_048);
    expect(normalised(`${'长'.repeat(2_048)}一`)).toBe(normalised(`${'长'.repeat(2_048)}二`));
  });
});

describe('texts', () => {
  it('are shown when three different followers sent them, by count', () => {
    const texts = said(
      ['a', '价格'],
      ['b', '价格 '],
      ['a', '价格'],
      ['c', '价格'],
      ['a', 'hi'],
      ['b', 'HI'],
      ['c', 'ｈｉ'],
    );
    expect(shown(texts, 20)).toEqual([
      { text: '价格', count: 4 },
      { text: 'hi', count: 3 },
    ]);
  });

  it('are not shown however often two followers sent them', () => {
    expect(shown(said(['a', 'x'], ['b', 'x'], ['a', 'x'], ['b', 'x']), 20)).toEqual([]);
  });

  it('are counted, never listed, when they are blank', () => {
    expect(noTexts().entries.size).toBe(said(['a', ' '], ['b', '　'], ['c', '']).entries.size);
  });

  it('of fewer than three followers do not lie in a row', () => {
    const row = JSON.stringify(storeTexts(said(['a', 'my number is 138'], ['b', 'my number is 138']), 24_000, nobody));
    expect(row).not.toContain('138');
    expect(row).toContain('a----------b----------');
  });

  it('that a third follower sends in a later hour are shown with all their counts', () => {
    const nine = said(['a', '价格'], ['a', '价格'], ['b', '价格']);
    const ten = said(['c', '价格']);
    const rows = [
      storeTexts(nine, 24_000, nobody),
      storeTexts(ten, 24_000, (hash) => nine.entries.get(hash)?.senders ?? []),
    ];
    const day = noTexts();
    for (const row of rows) mergeTexts(day, readTexts(JSON.parse(JSON.stringify(row))));
    expect(shown(day, 20)).toEqual([{ text: '价格', count: 4 }]);
  });

  it('are told apart by what is beyond the part that is shown', () => {
    const long = '很'.repeat(500);
    const texts = said(['a', `${long}1`], ['b', `${long}1`], ['c', `${long}2`]);
    expect(texts.entries.size).toBe(2);
    expect([...texts.entries.values()].map(({ text }) => Buffer.byteLength(text ?? ''))).toEqual([300, 300]);
  });
});
