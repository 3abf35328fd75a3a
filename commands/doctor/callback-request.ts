import { randomInt } from 'node:crypto';
import { encrypt, readEncodingAesKey } from '../../lib/wechat/callback/encryption.ts';
import { sign } from '../../lib/wechat/callback/signature.ts';
import type { Setup } from './setup.ts';

/** What came back of one request of the URL check of mp.weixin.qq.com. */
export type CallbackAnswer = {
  readonly status: number;
  readonly location: string | undefined;
  /** By which API Gateway, and the log of the function behind it, know the request. */
  readonly requestId: string | undefined;
  /** The answerer's clock by its Date header, in milliseconds. */
  readonly date: number | undefined;
  readonly body: Buffer;
  readonly echostr: string;
  readonly latencyMs: number;
};

/** How a request differs from a correct one. `time` is in milliseconds. */
type Way = { token?: string; time?: number; encrypted?: boolean };

/** Longer than WeChat waits, so that what is merely slow is told from what is dead. */
const PATIENCE_MS = 10_000;

/**
 * Asks the callback to echo, as mp.weixin.qq.com does when its address is saved: signed, and if so asked with the echo
 * encrypted. Records nothing anywhere. Rejects with fetch's error when nobody answers.
 */
export async function askToEcho({ url = '', env, fetch, now }: Setup, way: Way = {}): Promise<CallbackAnswer> {
  const { token = env.WECHAT_TOKEN?.trim() ?? '', time = now(), encrypted = false } = way;
  const timestamp = String(Math.floor(time / 1000));
  const nonce = digits(9);
  // Nineteen digits, as WeChat's own: whoever reads them as a number loses the last ones.
  const echostr = digits(19);
  const address = new URL(url);
  const add = (name: string, value: string) => address.searchParams.append(name, value);
  add('signature', sign(token, timestamp, nonce));
  add('timestamp', timestamp);
  add('nonce', nonce);
  const sent = encrypted ? sealed(env, echostr) : echostr;
  add('echostr', sent);
  if (encrypted) {
    add('encrypt_type', 'aes');
    add('msg_signature', sign(token, timestamp, nonce, sent));
  }
  const started = now();
  const response = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) });
  const body = Buffer.from(await response.arrayBuffer());
  return {
    status: response.status,
    location: response.headers.get('location') ?? undefined,
    requestId: response.headers.get('apigw-requestid') ?? undefined,
    date: dateOf(response),
    body,
    echostr,
    latencyMs: now() - started,
  };
}

/** Whether the answer is exactly the echo, with status 200. */
export const isEcho = ({ status, body, echostr }: CallbackAnswer): boolean =>
  status === 200 && body.equals(Buffer.from(echostr));

/** Whether our server refused, not something else. It does not say why: that is in its log. */
export function isRefusal({ status, body }: CallbackAnswer): boolean {
  try {
    const { errcode } = JSON.parse(body.toString()) as { errcode?: unknown };
    return status === 401 && errcode === status;
  } catch {
    return false;
  }
}

/** The time an answer says it was made, in milliseconds. */
export function dateOf({ headers }: Response): number | undefined {
  const time = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** The address without its query. */
export function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

const sealed = ({ WECHAT_ENCODING_AES_KEY = '', WECHAT_APP_ID = '' }: Setup['env'], echostr: string): string =>
  encrypt(readEncodingAesKey(WECHAT_ENCODING_AES_KEY.trim()), WECHAT_APP_ID.trim(), echostr);

const digits = (count: number): string =>
  Array.from({ length: count }, (_, at) =>
    String(at === 0 || at === count - 1 ? randomInt(1, 10) : randomInt(10)),
  ).join('');
