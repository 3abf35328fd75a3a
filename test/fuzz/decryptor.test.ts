import fc from 'fast-check';
import { DecryptionError, decrypt, encrypt } from '../../lib/wechat/callback/encryption.ts';
import { APP_ID, KEY } from '../support/callback.ts';
import { fuzzed } from './runs.ts';

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));

/** Any bytes, more often in whole blocks. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.nat({ max: 6 }).chain((blocks) => fc.uint8Array({ minLength: blocks * 32, maxLength: blocks * 32 })),
);

const onlyForged = (encrypted: string, its = KEY): void => {
  try {
    expect(typeof decrypt(its, APP_ID, encrypted)).toBe('string');
  } catch (error) {
    expect(error).toBeInstanceOf(DecryptionError);
  }
};

it('the decryptor takes any text or says that it is forged', async () => {
  await fuzzed(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => onlyForged(text)),
    1_000,
  );
});

it('the decryptor takes any bytes under any key or says that they are forged', async () => {
  await fuzzed(
    fc.property(bytes, key, (encrypted, its) => onlyForged(Buffer.from(encrypted).toString('base64'), its)),
    2_000,
  );
});

it('opens what was encrypted, and nothing that was encrypted under another key or for another AppID', async () => {
  await fuzzed(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), key, (xml, another) => {
      const encrypted = encrypt(KEY, APP_ID, xml);
      expect(decrypt(KEY, APP_ID, encrypted)).toBe(xml);
      expect(() => decrypt(KEY, `${APP_ID}0`, encrypted)).toThrow(DecryptionError);
      if (!another.equals(KEY)) expect(() => decrypt(another, APP_ID, encrypted)).toThrow(DecryptionError);
    }),
  );
});

it('says that a message is forged, or another one, when any one bit of it was changed', async () => {
  await fuzzed(
    fc.property(fc.string({ maxLength: 100 }), fc.nat(), (xml, bit) => {
      const encrypted = Buffer.from(encrypt(KEY, APP_ID, xml), 'base64');
      const at = bit % (encrypted.length * 8);
      encrypted[at >> 3] = (encrypted[at >> 3] ?? 0) ^ (1 << (at & 7));
      onlyForged(encrypted.toString('base64'));
    }),
    1_000,
  );
});
