import { cut } from '../../../lib/replies/parts.ts';

const bytesOf = (text: string) => Buffer.byteLength(text);

describe('a long text', () => {
  it.each<[string, string]>([
    ['of Chinese', '长'.repeat(1_000)],
    ['of one byte a character', 'a'.repeat(5_000)],
    ['of families, whose emoji are several code points each', '👨‍👩‍👧‍👦'.repeat(300)],
    ['of flags', '🇨🇳'.repeat(900)],
    ['of letters with more marks than a part has bytes', `a${'\u0301'.repeat(3_000)}b`],
    ['with nothing to break at but line ends', `${'x'.repeat(1_500)}\r\n${'y'.repeat(1_500)}`],
    ['with an open link that never ends', `<a href="x">${'长'.repeat(1_000)}`],
    ['with a link longer than a part', `<a href="${'x'.repeat(3_000)}">y</a>`],
    ['with what begins like a link', '<ab></a><a'.repeat(400)],
    ['with many links', '<a href="https://example.com/?q=1&r=2">看</a>，'.repeat(120)],
  ])('%s is cut into parts that fit, are together the text, and break no grapheme', (_, text) => {
    const parts = cut(text, 2_048);

    expect(parts.join('')).toBe(text);
    expect(Math.max(...parts.map(bytesOf))).toBeLessThanOrEqual(2_048);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect(Buffer.from(part).toString()).toBe(part);
  });

  it('keeps families and flags whole', () => {
    for (const grapheme of ['👨‍👩‍👧‍👦', '🇨🇳', 'é'])
      for (const part of cut(grapheme.repeat(1_500), 2_000)) expect(part.replaceAll(grapheme, '')).toBe('');
  });

  it('is cut nowhere inside a link', () => {
    const link = '<A href="https://example.com/very/long/path">看这里的<b>东西</b></A>';
    for (const filler of [0, 1, 7, 30])
      for (const part of cut(`${'长'.repeat(filler)}${link}`.repeat(200), 500))
        expect(part.split('<A ').length).toBe(part.split('</A>').length);
  });

  it.each<[string, string, string]>([
    ['after a paragraph', `${'长'.repeat(400)}。\n\n${'长'.repeat(100)}。${'长'.repeat(300)}`, '\n\n'],
    ['else after a sentence, behind its closing mark', `“${'长'.repeat(400)}。”${'长'.repeat(300)}`, '。”'],
    ['else after a sentence in English', `${'word '.repeat(250)}end. ${'x'.repeat(1_000)}`, 'end. '],
    ['else after a pause', `${'长'.repeat(400)}，${'长'.repeat(300)}`, '，'],
    ['else between graphemes, if those fill less than half of it', `好。${'长'.repeat(900)}`, '长'],
  ])('is cut %s', (_, text, end) => {
    expect(cut(text, 2_048)[0]?.endsWith(end)).toBe(true);
  });

  it('has no part of blanks alone, since WeChat shows none', () => {
    expect(cut(`a${' '.repeat(5_000)}b`, 2_048).every((part) => part.trim() !== '')).toBe(true);
  });
});
