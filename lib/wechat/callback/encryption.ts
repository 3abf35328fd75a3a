import { isUtf8 } from 'node:buffer';
import { type Cipher, createCipheriv, createDecipheriv, randomFillSync, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../platform/error.ts';

const ALGORITHM = 'aes-256-cbc';
const KEY_BYTES = 32;
/** WeChat pads to 32 bytes, twice the cipher's own block; Node's un-padding refuses half of its messages. */
const BLOCK_BYTES = 32;
const PREFIX_BYTES = 16;
const HEADER_BYTES = PREFIX_BYTES + 4;

const FAILURES = {
  base64: 'it is not base64',
  size: 'it is not made of whole blocks of 32 bytes',
  padding: 'its padding is broken',
  length: 'the length it gives does not fit',
  appid: 'it is meant for another AppID',
  text: 'it is not UTF-8',
} as const;

export type DecryptionFailure = keyof typeof FAILURES;

/** The message, or which rule the encrypted text breaks. */
export type Decrypted =
  | { readonly ok: true; readonly message: Buffer }
  | { readonly ok: false; readonly code: DecryptionFailure };

/** An encrypted text that was not made for this account with this key. Never says what the text holds. */
export class DecryptionError extends AppError<DecryptionFailure> {
  override readonly name = 'DecryptionError';

  constructor(code: DecryptionFailure) {
    super(code, `the encrypted message was refused: ${FAILURES[code]}`);
  }
}

/**
 * The AES key in an EncodingAESKey: 43 characters of base64, 32 bytes.
 * @throws TypeError for anything else
 */
export function readEncodingAesKey(text: string): Buffer {
  const key = Buffer.from(`${text}=`, 'base64');
  if (!/^[A-Za-z0-9+/]{43}$/.test(text) || key.length !== KEY_BYTES) {
    throw new TypeError('an EncodingAESKey has 43 characters: letters and digits');
  }
  return key;
}

/** The text for `<Encrypt>`. The prefix is 16 random bytes; it is a parameter so that known results can be tested. */
export function encrypt(key: Buffer, appId: string, xml: string, prefix: Buffer = randomPrefix()): string {
  const xmlBytes = Buffer.byteLength(xml);
  const end = HEADER_BYTES + xmlBytes + Buffer.byteLength(appId);
  const pad = BLOCK_BYTES - (end % BLOCK_BYTES);
  const plain = Buffer.alloc(end + pad, pad);
  prefix.copy(plain);
  plain.writeUInt32BE(xmlBytes, PREFIX_BYTES);
  plain.write(xml + appId, HEADER_BYTES);
  return wholeBlocks(createCipheriv(ALGORITHM, key, key.subarray(0, 16)), plain).toString('base64');
}

/** The output of a cipher for whole blocks, which need no padding. */
function wholeBlocks(cipher: Cipher, bytes: Buffer): Buffer {
  const made = cipher.setAutoPadding(false).update(bytes);
  cipher.final();
  return made;
}

/** Random bytes for 256 prefixes: one draw costs as much as encrypting a reply. */
const drawn = Buffer.alloc(256 * PREFIX_BYTES);
let used = drawn.length;

function randomPrefix(): Buffer {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  used += PREFIX_BYTES;
  return drawn.subarray(used - PREFIX_BYTES, used);
}

/**
 * The text inside `<Encrypt>`.
 * @throws DecryptionError unless it is whole, well padded, UTF-8 and for this AppID
 */
export function decrypt(key: Buffer, appId: string, encrypted: string): string {
  const opened = open(key, appId, encrypted);
  if (!opened.ok) throw new DecryptionError(opened.code);
  if (!isUtf8(opened.message)) throw new DecryptionError('text');
  return opened.message.toString('utf8');
}

/**
 * The message inside `<Encrypt>`, in bytes, if it is whole, well padded and for this AppID. The cipher has no MAC: our
 * AppID and whole padding behind the message are the only proof there is, so that one comparison in constant time
 * decides; only then is the broken rule looked for.
 */
export function open(key: Buffer, appId: string, encrypted: string): Decrypted {
  const bytes = Buffer.from(encrypted, 'base64');
  if (bytes.toString('base64') !== encrypted) return { ok: false, code: 'base64' };
  if (bytes.length === 0 || bytes.length % BLOCK_BYTES !== 0) return { ok: false, code: 'size' };
  const plain = decipher(key, bytes);
  const pad = plain.at(-1) ?? 0;
  const end = HEADER_BYTES + plain.readUInt32BE(PREFIX_BYTES);
  const expected = Buffer.concat([Buffer.from(appId), Buffer.alloc(Math.min(pad, BLOCK_BYTES), pad)]);
  const offered = plain.subarray(plain.length - expected.length);
  const isWhole = plain.length - end === expected.length;
  if (!isSameBytes(offered, expected) || !isWhole || pad < 1 || pad > BLOCK_BYTES)
    return { ok: false, code: brokenRule(plain, end) };
  return { ok: true, message: plain.subarray(HEADER_BYTES, end) };
}

const isSameBytes = (left: Buffer, right: Buffer): boolean =>
  left.length === right.length && timingSafeEqual(left, right);

function brokenRule(plain: Buffer, end: number): DecryptionFailure {
  const pad = plain.at(-1) ?? 0;
  const padding = plain.subarray(-pad);
  if (pad < 1 || pad > BLOCK_BYTES || !padding.every((byte) => byte === pad)) return 'padding';
  return end > plain.length - pad ? 'length' : 'appid';
}

function decipher(key: Buffer, bytes: Buffer): Buffer {
  return wholeBlocks(createDecipheriv(ALGORITHM, key, key.subarray(0, 16)), bytes);
}
