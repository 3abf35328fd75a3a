import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { compactDecrypt } from 'jose';
import { seal, unseal } from '../../../lib/platform/seal.ts';
import { LARGEST_BODY_BYTES } from '../../../lib/wechat/callback/callback.ts';

const SECRET = 'a recovery key of the tests, of 40 bytes';
const LONGEST_LINE_BYTES = 256 * 1024;
const UNSEALABLE = { ok: false, code: 'UNSEALABLE' };
const CONTENT = { delivery: { type: 'text', content: '“你好” 😀' }, taken: { reply: null } };

it('opens what was sealed with the same secret', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (content) => {
      expect(await unseal(SECRET, await seal(SECRET, content))).toEqual({
        ok: true,
        value: JSON.parse(JSON.stringify(content)),
      });
    }),
    { seed: 1, numRuns: 100 },
  );
});

it('shows nothing, and never the same twice', async () => {
  const [one, two] = [await seal(SECRET, CONTENT), await seal(SECRET, CONTENT)];
  expect(one).not.toBe(two);
  expect(one).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(partsOf(one).map(String).join()).not.toContain('content');
});

it('is refused with another secret, the secret itself as key included', async () => {
  const sealed = await seal(SECRET, CONTENT);
  expect(await unseal(`${SECRET}.`, sealed)).toEqual(UNSEALABLE);
  await expect(compactDecrypt(sealed, Buffer.from(SECRET).subarray(0, 32))).rejects.toThrow();
});

it('is refused when any one byte was changed, or the end is missing', async () => {
  const sealed = await seal(SECRET, CONTENT);
  const parts = partsOf(sealed);
  for (const [part, bytes] of parts.entries()) {
    for (let at = 0; at < bytes.length; at++) {
      const changed = parts.map((each) => Buffer.from(each));
      changed[part]?.writeUInt8((bytes[at] ?? 0) ^ 1, at);
      expect(await unseal(SECRET, textOf(changed))).toEqual(UNSEALABLE);
    }
  }
  for (let length = 0; length < sealed.length; length++)
    expect(await unseal(SECRET, sealed.slice(0, length))).toEqual(UNSEALABLE);
});

it.each([
  ['an algorithm that hands the key over', { alg: 'A256KW', enc: 'A256GCM' }],
  ['no encryption', { alg: 'none' }],
  ['another encryption', { alg: 'dir', enc: 'A128CBC-HS256' }],
])('is refused when its header asks for %s', async (_, header) => {
  const [, ...rest] = partsOf(await seal(SECRET, CONTENT));
  expect(await unseal(SECRET, textOf([Buffer.from(JSON.stringify(header)), ...rest]))).toEqual(UNSEALABLE);
});

it.each([
  ['text that does not compress', () => randomBytes(LARGEST_BODY_BYTES / 2).toString('hex')],
  ['quotation marks, each two characters of JSON', () => noise('"\\')],
  ['Chinese', () => noise('的一是在不了有和人这中大为上个国我以要他', 3)],
])('fits into one line of the log for the largest delivery, of %s', async (_, content) => {
  expect((await seal(SECRET, { content: content() })).length).toBeLessThan(LONGEST_LINE_BYTES);
});

it('opens a megabyte that was compressed to a line', async () => {
  const content = '\u0001'.repeat(LARGEST_BODY_BYTES);
  expect(await unseal(SECRET, await seal(SECRET, { content }))).toEqual({ ok: true, value: { content } });
});

const partsOf = (sealed: string): Buffer[] => sealed.split('.').map((part) => Buffer.from(part, 'base64url'));

const textOf = (parts: readonly Buffer[]): string => parts.map((part) => part.toString('base64url')).join('.');

/** As much of some characters, in no order, as a delivery can hold. */
const noise = (characters: string, bytes = 1): string =>
  Array.from(randomBytes(LARGEST_BODY_BYTES / bytes), (byte) => characters[byte % characters.length]).join('');
