import { decrypt, Forged } from './encryption.ts';
import { isSame, sign } from './signature.ts';
import { readEncrypt } from './xml.ts';

/** Three times what is usual is taken for a message; WeChat's longest is far below. */
export const LARGEST_BODY_BYTES = 128 * 1024;
const CLOCK_SECONDS = 5 * 60;
const SIGNED = ['signature', 'timestamp', 'nonce', 'msg_signature', 'encrypt_type', 'echostr'] as const;

export type MessageMode = 'plain' | 'compatible' | 'safe';

/** What mp.weixin.qq.com and we agreed on. Two keys only while the EncodingAESKey is being changed: the current first. */
export type CallbackAccount = {
  readonly appId: string;
  readonly token: string;
  readonly keys: readonly Buffer[];
  readonly mode: MessageMode;
};

/** The query of a request of WeChat's, its three-text signature and its age already proven. */
export type Callback = {
  readonly timestamp: string;
  readonly nonce: string;
  readonly msgSignature: string | undefined;
  readonly echostr: string | undefined;
};

/** The XML of a delivery, and the key that opened it: the reply is sealed with the same. */
export type Opened = { readonly xml: string; readonly key: Buffer | undefined };

/** A request that WeChat did not send, or not to us. Says what was wrong, for our log and the 400 or 401. */
export class RefusedCallback extends Error {
  override readonly name = 'RefusedCallback';
  readonly status: 400 | 401;

  constructor(status: 400 | 401, reason: string) {
    super(reason);
    this.status = status;
  }
}

/**
 * Proves that WeChat signed this query within five minutes of `now` (milliseconds). The signature does not cover the
 * body. Throws `RefusedCallback`.
 */
export function readCallback({ token }: CallbackAccount, rawQuery: string, now: number): Callback {
  const query = new URLSearchParams(rawQuery);
  for (const name of SIGNED) {
    if (query.getAll(name).length > 1) throw new RefusedCallback(400, `${name} appears twice`);
  }
  const timestamp = query.get('timestamp') ?? '';
  const nonce = query.get('nonce') ?? '';
  if (!isSame(sign(token, timestamp, nonce), query.get('signature') ?? '')) {
    throw new RefusedCallback(401, 'the signature is not by our token');
  }
  if (!/^\d{1,10}$/.test(timestamp)) throw new RefusedCallback(400, 'timestamp is not a time in seconds');
  if (Math.abs(now / 1000 - Number(timestamp)) > CLOCK_SECONDS) {
    throw new RefusedCallback(401, 'timestamp is more than 5 minutes from our clock');
  }
  return {
    timestamp,
    nonce,
    msgSignature: query.get('msg_signature') ?? undefined,
    echostr: query.get('echostr') ?? undefined,
  };
}

/** What the URL check of mp.weixin.qq.com wants to hear: its echostr, deciphered if it came encrypted. */
export function echoOf(account: CallbackAccount, callback: Callback): string {
  if (callback.echostr === undefined) throw new RefusedCallback(400, 'echostr is missing');
  if (callback.msgSignature === undefined) return callback.echostr;
  return decipher(account, callback, callback.echostr).xml;
}

/**
 * Takes a delivery out of the body. The mode is ours, never the request's: in safe and compatible mode only what is
 * inside `<Encrypt>` counts, under a `msg_signature` that covers it and for our AppID. Throws `RefusedCallback`, and
 * `MalformedXml` for a broken envelope.
 */
export function openDelivery(account: CallbackAccount, callback: Callback, body: string): Opened {
  if (account.mode === 'plain') {
    if (callback.msgSignature !== undefined && !body.includes('<MsgType>')) throw new RefusedCallback(400, ENCRYPTED);
    return { xml: body, key: undefined };
  }
  if (callback.msgSignature === undefined) throw new RefusedCallback(401, UNENCRYPTED);
  const encrypted = readEncrypt(body);
  if (encrypted === undefined) throw new RefusedCallback(401, UNENCRYPTED);
  return decipher(account, callback, encrypted);
}

const UNENCRYPTED =
  'a plain delivery in safe or compatible mode: mp.weixin.qq.com is set to 明文模式; choose 安全模式 there, or set WECHAT_MESSAGE_MODE=plain here';

const ENCRYPTED =
  'an encrypted delivery in plain mode: mp.weixin.qq.com is set to 安全模式; set WECHAT_ENCODING_AES_KEY and WECHAT_MESSAGE_MODE=safe here';

function decipher({ token, keys, appId }: CallbackAccount, callback: Callback, encrypted: string): Opened {
  const { timestamp, nonce, msgSignature = '' } = callback;
  if (!isSame(sign(token, timestamp, nonce, encrypted), msgSignature)) {
    throw new RefusedCallback(401, 'the msg_signature is not by our token over this message');
  }
  const failures: string[] = [];
  for (const key of keys) {
    try {
      return { xml: decrypt(key, appId, encrypted), key };
    } catch (error) {
      if (!(error instanceof Forged)) throw error;
      failures.push(error.message);
    }
  }
  throw new RefusedCallback(401, failures[0] ?? 'there is no EncodingAESKey to open it with');
}
