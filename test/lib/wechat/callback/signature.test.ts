import { isSame, sign } from '../../../../lib/wechat/callback/signature.ts';

const TOKEN = 'PawTok3n2026';
const TIMESTAMP = '1767225600';
const NONCE = '918273645';
const SIGNATURE = '0638f1f963c64d267c1775466a26db5b0deab413';

describe('a signature', () => {
  it('is the known one for three texts', () => {
    expect(sign(TOKEN, TIMESTAMP, NONCE)).toBe(SIGNATURE);
  });

  it('changes when the encrypted text is the fourth', () => {
    expect(sign(TOKEN, TIMESTAMP, NONCE, 'AAAA')).not.toBe(SIGNATURE);
    expect(sign(TOKEN, TIMESTAMP, NONCE, 'AAAA')).not.toBe(sign(TOKEN, TIMESTAMP, NONCE, 'AAAB'));
  });

  it('sorts by code unit, capitals first, and never as numbers', () => {
    expect(sign('ABC', 'abc', 'Zz')).toBe(sign('Zz', 'abc', 'ABC'));
    expect(sign('abc', '10', '9')).toBe('d37f0dde5745013a6934d368940032ecd028af60');
    expect(sign('abc', 'ABC', 'Zz')).toBe('08ec0ee95c3f20b8b143609f954fc988d2034d86');
  });
});

describe('comparing signatures', () => {
  it('accepts the same text only', () => {
    expect(isSame(SIGNATURE, SIGNATURE)).toBe(true);
  });

  it.each([
    ['another text', SIGNATURE.replace('0', '1')],
    ['a shorter one', SIGNATURE.slice(1)],
    ['a longer one', `${SIGNATURE}0`],
    ['capitals', SIGNATURE.toUpperCase()],
    ['nothing', ''],
    ['as many characters but more bytes', 'é'.repeat(40)],
  ])('refuses %s', (_what, offered) => {
    expect(isSame(SIGNATURE, offered)).toBe(false);
  });
});
