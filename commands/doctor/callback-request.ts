import { randomInt } from 'node:crypto';
import { encrypt, readEncodingAesKey } from '../../lib/wechat/callback/encryption.ts';
import { sign } from '../../lib/wechat/callback/signature.ts';
import type { Setup } from './setup.ts';

/** The response to one request of mp.weixin.qq.com's URL check. */
export type EchoResponse = {
  readonly status: number;
  readonly location: string | undefined;
  /** The request's id in API Gateway and in the function's log. */
  readonly requestId: string | undefined;
  /** The server's clock by the Date header, in milliseconds. */
  readonly date: number | undefined;
  readonly body: Buffer;
  readonly echostr: string;
  readonly latencyMs: number;
};

/** The differences from a correct request. `time` is in milliseconds. */
type RequestOptions = { token?: string; time?: number; encrypted?: boolean };

/** The time limit; longer than WeChat's, to tell a slow server from a dead one. */
const PATIENCE_MS = 10_000;

/**
 * Requests an echo from the callback, as mp.weixin.qq.com does when the URL is saved: signed, optionally with the echostr
 * encrypted. Records nothing.
 * @throws fetch's error if there is no response
 */
export async function requestEcho(
  { url = '', env, fetch, now }: Setup,
  options: RequestOptions = {},
): Promise<EchoResponse> {
  const { token = env.WECHAT_TOKEN?.trim() ?? '', time = now(), encrypted = false } = options;
  const timestamp = String(Math.floor(time / 1000));
  const nonce = digits(9);
  // Nineteen digits, like WeChat's: a server that reads them as a number loses the last ones.
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

/** True if the response is exactly the echo, with status 200. */
export const isEcho = ({ status, body, echostr }: EchoResponse): boolean =>
  status === 200 && body.equals(Buffer.from(echostr));

/** True for a refusal by our server. The reason is only in its log. */
export function isRefusal({ status, body }: EchoResponse): boolean {
  try {
    const { errcode } = JSON.parse(body.toString()) as { errcode?: unknown };
    return status === 401 && errcode === status;
  } catch {
    return false;
  }
}

/** The time of a response by its Date header, in milliseconds. */
export function dateOf({ headers }: Response): number | undefined {
  const time = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** The URL without its query. */
export function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

const sealed = ({ WECHAT_ENCODING_AES_KEY = '', WECHAT_APP_ID = '' }: Setup['env'], echostr: string): string =>
  encrypt(readEncodingAesKey(WECHAT_ENCODING_AES_KEY.trim()), WECHAT_APP_ID.trim(), echostr);

const digits = (count: number): string =>
  Array.from({ length: count }, (_, at) =>
    String(at === 0 || at === count - 1 ? randomInt(1, 10) : randomInt(10)),
  ).join('');
