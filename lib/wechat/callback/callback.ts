import { isUtf8 } from 'node:buffer';
import { AppError } from '../../platform/error.ts';
import { type DecryptionFailure, open } from './encryption.ts';
import { encryptedTexts, isJson } from './envelope.ts';
import { isSame, sign } from './signature.ts';

/** 128 KiB: WeChat's longest deliveries are far below. */
export const LARGEST_BODY_BYTES = 128 * 1024;
const CLOCK_SECONDS = 5 * 60;
const SIGNED = ['signature', 'timestamp', 'nonce', 'msg_signature', 'encrypt_type', 'echostr'] as const;
const SECONDS = /^\d{1,10}$/;
/** WeChat's echostr has 19 digits. Nothing but digits is ever returned. */
const ECHOSTR = /^\d{1,64}$/;

export type MessageMode = 'plain' | 'compatible' | 'safe';

/** The configuration that mp.weixin.qq.com and we share. Two keys only while the EncodingAESKey is being changed: the current first. */
export type CallbackAccount = {
  readonly appId: string;
  readonly token: string;
  readonly keys: readonly Buffer[];
  readonly mode: MessageMode;
};

/** The query of a request of WeChat's, whose three-text signature and age are verified. */
export type Callback = {
  readonly timestamp: string;
  readonly nonce: string;
  readonly msgSignature: string | undefined;
  readonly echostr: string | undefined;
};

/** A delivery: text, or bytes that are not UTF-8; and the key that decrypted it, which encrypts the reply as well. */
export type Opened = { readonly message: string | Buffer; readonly key: Buffer | undefined };

const HINTS = {
  unencrypted:
    'a plain delivery in safe or compatible mode: mp.weixin.qq.com is set to 明文模式; choose 安全模式 there, or set WECHAT_MESSAGE_MODE=plain here',
  encrypted:
    'an encrypted delivery in plain mode: mp.weixin.qq.com is set to 安全模式; set WECHAT_ENCODING_AES_KEY and WECHAT_MESSAGE_MODE=safe here',
  json: 'a delivery in JSON: choose XML as the data format (数据格式) at mp.weixin.qq.com',
  signature: 'the signature is not by WECHAT_TOKEN: another Token, or not WeChat',
  msg_signature: 'the msg_signature is not by WECHAT_TOKEN over this message',
  age: 'timestamp is more than 5 minutes from our clock',
  padding: 'encrypted with another EncodingAESKey than WECHAT_ENCODING_AES_KEY, or changed on the way',
  appid: 'encrypted for another AppID than WECHAT_APP_ID',
  echostr: 'the echostr is not digits',
} as const satisfies Partial<Record<RefusalCode, string>>;

/** The code of a refusal: for the log alone, the response never tells. */
export type RefusalCode =
  | 'too_large'
  | 'method'
  | 'body'
  | 'doubled_parameter'
  | 'signature'
  | 'timestamp'
  | 'age'
  | 'echostr'
  | 'unencrypted'
  | 'encrypted'
  | 'json'
  | 'msg_signature'
  | DecryptionFailure
  | 'unreadable'
  | 'unexpected';

/** A request that WeChat did not send, or not to us. */
export class RefusedCallback extends AppError<RefusalCode> {
  override readonly name = 'RefusedCallback';

  constructor(code: RefusalCode) {
    super(code, `refused: ${code}`, { status: code === 'too_large' ? 413 : 401, hint: hintOf(code) });
  }
}

/** The hint for a code: its meaning and the fix, if there is one. */
export const hintOf = (code: string): string | undefined =>
  Object.hasOwn(HINTS, code) ? HINTS[code as keyof typeof HINTS] : undefined;

/**
 * The query of a request that WeChat signed within five minutes of `now` (milliseconds since 1970). The signature does
 * not cover the body.
 * @throws RefusedCallback
 */
export function readCallback({ token }: CallbackAccount, rawQuery: string, now: number): Callback {
  const { timestamp = '', nonce = '', signature = '', msg_signature: msgSignature, echostr } = signedIn(rawQuery);
  if (!isSame(sign(token, timestamp, nonce), signature)) throw new RefusedCallback('signature');
  if (!SECONDS.test(timestamp)) throw new RefusedCallback('timestamp');
  if (!isFresh(timestamp, now)) throw new RefusedCallback('age');
  return { timestamp, nonce, msgSignature, echostr };
}

/** The parameters that a signature is made of or stands beside. None may be repeated. */
function signedIn(rawQuery: string): { [Name in (typeof SIGNED)[number]]?: string } {
  const found: { [Name in (typeof SIGNED)[number]]?: string } = {};
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    if (!isSigned(name)) continue;
    if (found[name] !== undefined) throw new RefusedCallback('doubled_parameter');
    found[name] = value;
  }
  return found;
}

const isSigned = (name: string): name is (typeof SIGNED)[number] => (SIGNED as readonly string[]).includes(name);

/** True if a query looks like WeChat's, with a valid signature or not: 40 hex digits, the current time, a nonce. */
export function isShapedLikeWeChats(rawQuery: string, now: number): boolean {
  const query = new URLSearchParams(rawQuery);
  const timestamp = query.get('timestamp') ?? '';
  const isSigned = /^[\da-f]{40}$/.test(query.get('signature') ?? '') && Boolean(query.get('nonce'));
  return isSigned && SECONDS.test(timestamp) && isFresh(timestamp, now);
}

const isFresh = (timestamp: string, now: number): boolean => Math.abs(now / 1000 - Number(timestamp)) <= CLOCK_SECONDS;

/**
 * The response to the URL check of mp.weixin.qq.com: its echostr, decrypted if it came encrypted.
 * @throws RefusedCallback unless it is digits: a captured delivery sent as an echostr is not opened for anybody
 */
export function echoOf(account: CallbackAccount, callback: Callback): string {
  const { echostr = '', msgSignature } = callback;
  const echo = msgSignature === undefined ? echostr : String(decipher(account, callback, [echostr]).message);
  if (!ECHOSTR.test(echo)) throw new RefusedCallback('echostr');
  return echo;
}

/**
 * The delivery in the body. The mode is ours, never the request's: in safe and compatible mode only what is inside
 * `<Encrypt>` counts, under a `msg_signature` that covers it and for our AppID.
 * @throws RefusedCallback
 */
export function openDelivery(account: CallbackAccount, callback: Callback, body: string): Opened {
  if (account.mode === 'plain') {
    if (callback.msgSignature !== undefined && !body.includes('<MsgType>')) throw new RefusedCallback('encrypted');
    return { message: body, key: undefined };
  }
  const encrypted = encryptedTexts(body);
  if (callback.msgSignature === undefined || encrypted.length === 0) {
    throw new RefusedCallback(isJson(body) ? 'json' : 'unencrypted');
  }
  return decipher(account, callback, encrypted);
}

function decipher({ token, keys, appId }: CallbackAccount, callback: Callback, offered: readonly string[]): Opened {
  const { timestamp, nonce, msgSignature = '' } = callback;
  const encrypted = offered.find((text) => isSame(sign(token, timestamp, nonce, text), msgSignature));
  if (encrypted === undefined) throw new RefusedCallback('msg_signature');
  const codes: DecryptionFailure[] = [];
  for (const key of keys) {
    const opened = open(key, appId, encrypted);
    if (opened.ok) return { message: isUtf8(opened.message) ? opened.message.toString('utf8') : opened.message, key };
    codes.push(opened.code);
  }
  throw new RefusedCallback(codes.find((code) => code !== 'padding') ?? 'padding');
}
