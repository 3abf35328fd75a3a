import { isUtf8 } from 'node:buffer';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-cbc';
const KEY_BYTES = 32;
/** WeChat pads to 32 bytes, twice the cipher's own block; Node's un-padding refuses half of its messages. */
const BLOCK_BYTES = 32;
const PREFIX_BYTES = 16;
const HEADER_BYTES = PREFIX_BYTES + 4;

const REASONS = {
  base64: 'it is not base64',
  size: 'it is not made of whole blocks of 32 bytes',
  padding: 'its padding is broken',
  length: 'the length it gives does not fit',
  appid: 'it is meant for another AppID',
  text: 'it is not UTF-8',
} as const;

/** An encrypted text that was not made for this account with this key. Tells which rule it broke, never what it holds. */
export class Forged extends Error {
  override readonly name = 'Forged';
  readonly reason: keyof typeof REASONS;

  constructor(reason: keyof typeof REASONS) {
    super(`the encrypted message was refused: ${REASONS[reason]}`);
    this.reason = reason;
  }
}

/** The AES key in an EncodingAESKey: 43 characters of base64, 32 bytes. Throws a `TypeError` for anything else. */
export function readEncodingAesKey(text: string): Buffer {
  const key = Buffer.from(`${text}=`, 'base64');
  if (!/^[A-Za-z0-9+/]{43}$/.test(text) || key.length !== KEY_BYTES) {
    throw new TypeError('an EncodingAESKey has 43 characters: letters and digits');
  }
  return key;
}

/** What goes into `<Encrypt>`. The prefix is 16 random bytes; it is a parameter so that known answers can be tested. */
export function encrypt(key: Buffer, appId: string, xml: string, prefix: Buffer = randomBytes(PREFIX_BYTES)): string {
  const message = Buffer.from(xml);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  const plain = Buffer.concat([prefix, length, message, Buffer.from(appId)]);
  const pad = BLOCK_BYTES - (plain.length % BLOCK_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]).toString(
    'base64',
  );
}

/** The message inside `<Encrypt>`. Throws `Forged` unless it is whole, well padded, UTF-8 and for this AppID. */
export function decrypt(key: Buffer, appId: string, encrypted: string): string {
  const plain = withoutPadding(decipher(key, readBase64(encrypted)));
  if (plain.length < HEADER_BYTES) throw new Forged('length');
  const end = HEADER_BYTES + plain.readUInt32BE(PREFIX_BYTES);
  if (end > plain.length) throw new Forged('length');
  if (!plain.subarray(end).equals(Buffer.from(appId))) throw new Forged('appid');
  const message = plain.subarray(HEADER_BYTES, end);
  if (!isUtf8(message)) throw new Forged('text');
  return message.toString('utf8');
}

function readBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new Forged('base64');
  return bytes;
}

function decipher(key: Buffer, bytes: Buffer): Buffer {
  if (bytes.length === 0 || bytes.length % BLOCK_BYTES !== 0) throw new Forged('size');
  const decipher = createDecipheriv(ALGORITHM, key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([decipher.update(bytes), decipher.final()]);
}

function withoutPadding(plain: Buffer): Buffer {
  const pad = plain.at(-1) ?? 0;
  if (pad < 1 || pad > BLOCK_BYTES) throw new Forged('padding');
  const end = plain.length - pad;
  if (!plain.subarray(end).every((byte) => byte === pad)) throw new Forged('padding');
  return plain.subarray(0, end);
}
