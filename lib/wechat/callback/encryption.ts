import { isUtf8 } from 'node:buffer';
import { createCipheriv, createDecipheriv, randomBytes, timingSafeEqual } from 'node:crypto';

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

export type ForgedReason = keyof typeof REASONS;

/** An encrypted text that was not made for this account with this key. Tells which rule it broke, never what it holds. */
export class Forged extends Error {
  override readonly name = 'Forged';
  readonly reason: ForgedReason;

  constructor(reason: ForgedReason) {
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
  const message = open(key, appId, encrypted);
  if (!isUtf8(message)) throw new Forged('text');
  return message.toString('utf8');
}

/**
 * The message inside `<Encrypt>`, in bytes. The cipher has no MAC: that everything behind the message is our AppID and
 * whole padding is the only proof there is, so it is decided by one comparison, in constant time; the reason is only
 * looked for afterwards.
 * @throws Forged unless the message is whole, well padded and for this AppID
 */
export function open(key: Buffer, appId: string, encrypted: string): Buffer {
  const plain = decipher(key, readBase64(encrypted));
  const pad = plain.at(-1) ?? 0;
  const end = HEADER_BYTES + plain.readUInt32BE(PREFIX_BYTES);
  const expected = Buffer.concat([Buffer.from(appId), Buffer.alloc(Math.min(pad, BLOCK_BYTES), pad)]);
  const offered = plain.subarray(plain.length - expected.length);
  const isWhole = plain.length - end === expected.length;
  if (!isSameBytes(offered, expected) || !isWhole || pad < 1 || pad > BLOCK_BYTES) throw forged(plain, end);
  return plain.subarray(HEADER_BYTES, end);
}

const isSameBytes = (left: Buffer, right: Buffer): boolean =>
  left.length === right.length && timingSafeEqual(left, right);

function forged(plain: Buffer, end: number): Forged {
  const pad = plain.at(-1) ?? 0;
  const padding = plain.subarray(-pad);
  if (pad < 1 || pad > BLOCK_BYTES || !padding.every((byte) => byte === pad)) return new Forged('padding');
  return new Forged(end > plain.length - pad ? 'length' : 'appid');
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
