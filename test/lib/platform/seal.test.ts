import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { seal, Unsealable, unseal } from '../../../lib/platform/seal.ts';
import { LARGEST_BODY_BYTES } from '../../../lib/wechat/callback/callback.ts';

const SECRET = 'a recovery key of the tests, of 40 bytes';
const LONGEST_LINE_BYTES = 256 * 1024;
const CONTENT = { delivery: { type: 'text', content: '“你好” 😀' }, taken: { reply: null } };

it('opens what was sealed with the same secret', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (content) => {
      expect(unseal(SECRET, seal(SECRET, content))).toEqual(JSON.parse(JSON.stringify(content)));
    }),
    { seed: 1, numRuns: 100 },
  );
});

it('shows nothing, and never the same twice', () => {
  const [one, two] = [seal(SECRET, CONTENT), seal(SECRET, CONTENT)];
  expect(one).not.toBe(two);
  expect(one).toMatch(/^[\w-]+$/);
  expect(Buffer.from(one, 'base64url').includes('content')).toBe(false);
});

it('is refused with another secret', () => {
  expect(() => unseal(`${SECRET}.`, seal(SECRET, CONTENT))).toThrow(Unsealable);
});

it('is refused when any one byte was changed, or the end is missing', () => {
  const sealed = Buffer.from(seal(SECRET, CONTENT), 'base64url');
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => unseal(SECRET, changed.toString('base64url'))).toThrow(Unsealable);
    expect(() => unseal(SECRET, sealed.subarray(0, at).toString('base64url'))).toThrow(Unsealable);
  }
});

it.each([
  ['text that does not compress', () => randomBytes(LARGEST_BODY_BYTES / 2).toString('hex')],
  ['quotation marks, each two characters of JSON', () => noise('"\\')],
  ['Chinese', () => noise('的一是在不了有和人这中大为上个国我以要他', 3)],
])('fits into one line of the log for the largest delivery, of %s', (_, content) => {
  expect(seal(SECRET, { content: content() }).length).toBeLessThan(LONGEST_LINE_BYTES);
});

/** As much of some characters, in no order, as a delivery can hold. */
const noise = (characters: string, bytes = 1): string =>
  Array.from(randomBytes(LARGEST_BODY_BYTES / bytes), (byte) => characters[byte % characters.length]).join('');
