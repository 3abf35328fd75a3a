import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { DecryptionError, decrypt, encrypt, readEncodingAesKey } from '../../../../lib/wechat/callback/encryption.ts';
import { sealReply } from '../../../../lib/wechat/callback/envelope.ts';
import { sign } from '../../../../lib/wechat/callback/signature.ts';
import { parseXml } from '../../../../lib/wechat/callback/xml.ts';

const TOKEN = 'PawTok3n2026';
const TIMESTAMP = '1767225600';
const NONCE = '918273645';
const APP_ID = 'wx0123456789abcdef';
const KEY = readEncodingAesKey('AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA');
const PREFIX = Buffer.from('0123456789abcdef');

const VECTORS = [
  {
    name: 'A, padded by 27',
    message: '<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[喵喵喵喵喵喵]]></Content></xml>',
    encrypted:
      'Al31VOORMRWx6emIpmL5qgSjea9kvzvduS3pCct2AytgFgoc1IC0Pt1Buhb94+nfGrPh4abCVlIu1JvJYI1ZvPCvGK/OQBaPEHlZo8TpWb6sGDJ/+um9fIMXQt8/5LXZEqdShr/ZBt2XXp5Y7lcT8gQqSpZL6KXP76NwtclSkCVott/nTL8MwQ9E7eIex3Mbuid9L73HXLxPp2mXKJymjA==',
    signature: '4866c55eb98b5f415461780458658f14d5d778ac',
  },
  {
    name: 'B, padded by 10',
    message: '<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[喵]]></Content></xml>',
    encrypted:
      'Al31VOORMRWx6emIpmL5qjx0fyH12zpCQxX57ccT1pO0cPCeX0+3Fl/dSsBMSvGT64yXF1RkCXvnfPM59HvNKd4mMw6wQMtWMFUk7fwVwewlTWIa4wweuuO9RN4skrh4O66oXXrFn2eDVDHw3DC3XpCK5LSSssmfaCutdOBMZL0=',
    signature: '783d1cb98e61c0903509212b8e7dd35bd0422b52',
  },
] as const;
const [{ encrypted: ENCRYPTED }] = VECTORS;

describe('an EncodingAESKey', () => {
  it('is 32 bytes in base64 without its last character', () => {
    expect([...KEY]).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
  });

  it.each([
    '',
    'short',
    'A'.repeat(42),
    'A'.repeat(44),
    `${'A'.repeat(42)}=`,
    `${'A'.repeat(42)}-`,
    `${'A'.repeat(43)}\n`,
  ])('is refused when it is %j', (text) => {
    expect(() => readEncodingAesKey(text)).toThrow(TypeError);
  });
});

describe.each(VECTORS)('test vector $name', ({ message, encrypted, signature }) => {
  it('decrypts', () => {
    expect(decrypt(KEY, APP_ID, encrypted)).toBe(message);
  });

  it('encrypts', () => {
    expect(encrypt(KEY, APP_ID, message, PREFIX)).toBe(encrypted);
  });

  it('is signed', () => {
    expect(sign(TOKEN, TIMESTAMP, NONCE, encrypted)).toBe(signature);
  });
});

describe('encryption', () => {
  it('gives back every text', () => {
    const text = fc.string({ unit: 'binary', maxLength: 400 });
    fc.assert(
      fc.property(text, fc.string(), (message, appId) => {
        expect(decrypt(KEY, appId, encrypt(KEY, appId, message))).toBe(message);
      }),
      { seed: 20261122 },
    );
  });

  it('never gives the same text twice', () => {
    expect(encrypt(KEY, APP_ID, 'same')).not.toBe(encrypt(KEY, APP_ID, 'same'));
  });

  it('pads by 32 when the text fills its blocks', () => {
    const message = 'x'.repeat(64 - 20 - APP_ID.length);
    const encrypted = encrypt(KEY, APP_ID, message);
    expect(Buffer.from(encrypted, 'base64')).toHaveLength(96);
    expect(decrypt(KEY, APP_ID, encrypted)).toBe(message);
  });
});

/** A text encrypted with the right key around any plaintext, as only WeChat or a holder of the key could send. */
function seal(plain: Buffer): string {
  const cipher = createCipheriv('aes-256-cbc', KEY, KEY.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
}

/** 64 bytes of plaintext that would be accepted, to be changed in one place. */
function plaintext({
  length = 10,
  message = Buffer.from('0123456789'),
  padding = [...Array(16).fill(16)],
} = {}): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(length);
  return Buffer.concat([PREFIX, size, message, Buffer.from(APP_ID), Buffer.from(padding)]);
}

describe('decryption', () => {
  it('accepts the plaintext the following change', () => {
    expect(decrypt(KEY, APP_ID, seal(plaintext()))).toBe('0123456789');
  });

  it.each([
    ['nothing', '', 'size'],
    ['no base64', '!!!!', 'base64'],
    ['base64 with a line end', `${ENCRYPTED}\n`, 'base64'],
    ['base64 for URLs', ENCRYPTED.replaceAll('/', '_').replaceAll('+', '-'), 'base64'],
    ['base64 without its end', ENCRYPTED.slice(0, -1), 'base64'],
    ['base64 whose spare bits are set', `${ENCRYPTED.slice(0, -3)}B==`, 'base64'],
    ['half a block', Buffer.alloc(16).toString('base64'), 'size'],
    ['a block and a byte', Buffer.alloc(33).toString('base64'), 'size'],
    ['a message cut short', Buffer.from(ENCRYPTED, 'base64').subarray(0, 64).toString('base64'), undefined],
    ['a garbled message', Buffer.alloc(64, 7).toString('base64'), undefined],
    ['a pad byte of 0', seal(plaintext({ padding: [...Array(15).fill(16), 0] })), 'padding'],
    ['a pad byte of 33', seal(plaintext({ padding: [...Array(16).fill(33)] })), 'padding'],
    [
      'a whole block of the pad byte 33',
      seal(plaintext({ length: 26, message: Buffer.alloc(26, '0'), padding: Array(32).fill(33) })),
      'padding',
    ],
    ['pad bytes that differ', seal(plaintext({ padding: [15, ...Array(15).fill(16)] })), 'padding'],
    ['padding and nothing else', seal(Buffer.alloc(32, 32)), 'length'],
    ['a length beyond the end', seal(plaintext({ length: 29 })), 'length'],
    ['a length of four gigabytes', seal(plaintext({ length: 0xffffffff })), 'length'],
    ['a length that eats into the AppID', seal(plaintext({ length: 11 })), 'appid'],
    ['a length one short', seal(plaintext({ length: 9 })), 'appid'],
    ['another AppID', encrypt(KEY, 'wx0123456789abcdee', 'message'), 'appid'],
    ['no AppID', encrypt(KEY, '', 'message'), 'appid'],
    ['a message that is not UTF-8', seal(plaintext({ message: Buffer.alloc(10, 0xff) })), 'text'],
  ])('refuses %s', (_what, encrypted, reason) => {
    const attempt = () => decrypt(KEY, APP_ID, encrypted);
    expect(attempt).toThrow(DecryptionError);
    if (reason !== undefined) expect(attempt).toThrow(expect.objectContaining({ code: reason }));
  });

  it('refuses a message in another key', () => {
    expect(() => decrypt(Buffer.alloc(32, 9), APP_ID, ENCRYPTED)).toThrow(DecryptionError);
  });

  it('throws nothing but its own error, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 256 }), (bytes) => {
        expect(() => decrypt(KEY, APP_ID, Buffer.from(bytes).toString('base64'))).toThrow(DecryptionError);
      }),
      { seed: 20261122 },
    );
  });

  it('does not tell what it refused', () => {
    const secret = encrypt(KEY, 'wx-somebody-else', 'a follower said this');
    expect(() => decrypt(KEY, APP_ID, secret)).toThrow(
      'the encrypted message was refused: it is meant for another AppID',
    );
  });
});

describe('a sealed reply', () => {
  it('carries the encrypted reply, its signature, the seconds and the nonce', () => {
    const reply = '<xml><Content><![CDATA[你好]]></Content></xml>';
    const sealed = sealReply(reply, { key: KEY, appId: APP_ID, token: TOKEN, timestamp: TIMESTAMP, nonce: NONCE });
    const { Encrypt, MsgSignature, TimeStamp, Nonce, ...others } = parseXml(sealed);
    expect(decrypt(KEY, APP_ID, String(Encrypt))).toBe(reply);
    expect(MsgSignature).toBe(sign(TOKEN, TIMESTAMP, NONCE, String(Encrypt)));
    expect([TimeStamp, Nonce, others]).toEqual([TIMESTAMP, NONCE, {}]);
  });
});
