import { randomInt } from 'node:crypto';
import { cdata } from '../../lib/wechat/callback/cdata.ts';
import { decrypt, encrypt, readEncodingAesKey } from '../../lib/wechat/callback/encryption.ts';
import { isSame, sign } from '../../lib/wechat/callback/signature.ts';
import { parseXml } from '../../lib/wechat/callback/xml.ts';
import type { Account } from '../../local/simulator/account.ts';
import { displayOf, SERVICE_FAILURE } from './shown.ts';

export const MODES = ['plain', 'compatible', 'safe'] as const;
export type Mode = (typeof MODES)[number];

export type Push = {
  url: string;
  account: Account;
  mode: Mode;
  /** The delivery, unencrypted. */
  xml: string;
  attempts?: number;
  timeoutMs?: number;
  fetch?: typeof fetch;
  now?: () => number;
};

/**
 * One attempt. `accepted` ends the delivery; `unreadable` ends it with WeChat's notice of failure; `failed` is retried.
 * `body` is `raw` decrypted; `why` is the reason of a failure.
 */
export type Attempt = {
  outcome: 'accepted' | 'unreadable' | 'failed';
  status?: number;
  latencyMs: number;
  raw: string;
  body: string;
  shown: string;
  why: string;
};

/** The result of a delivery; `shown` is what appears on the follower's screen, '' for nothing. */
export type PushResult = { attempts: Attempt[]; shown: string };

/** Delivers like WeChat: signed, encrypted in safe mode, with a time limit of five seconds and three attempts. */
export async function push({ attempts: most = 3, ...delivery }: Push): Promise<PushResult> {
  const attempts: Attempt[] = [];
  while (attempts.length < most) {
    const attempt = await attemptOne(delivery);
    attempts.push(attempt);
    if (attempt.outcome !== 'failed') return { attempts, shown: attempt.shown };
  }
  return { attempts, shown: SERVICE_FAILURE };
}

async function attemptOne(push: Push): Promise<Attempt> {
  const started = performance.now();
  const latencyMs = () => Math.round(performance.now() - started);
  const nothing = { raw: '', body: '', shown: SERVICE_FAILURE };
  try {
    const response = await send(push);
    const raw = await response.text();
    const arrived = { status: response.status, latencyMs: latencyMs(), raw };
    if (response.status === 200) return { ...arrived, ...readResponse(raw, push) };
    return { ...nothing, ...arrived, outcome: 'failed', body: raw, why: `HTTP ${response.status}` };
  } catch (error) {
    return { ...nothing, latencyMs: latencyMs(), outcome: 'failed', why: reasonOf(error) };
  }
}

async function send({ url, account, mode, xml, timeoutMs = 5000, fetch = globalThis.fetch, now = Date.now }: Push) {
  const timestamp = String(Math.floor(now() / 1000));
  const nonce = String(randomInt(100_000_000, 4_294_967_295));
  const { openid } = partiesOf(xml);
  const query = { signature: sign(account.token, timestamp, nonce), timestamp, nonce, openid };
  const address = new URL(url);
  for (const [name, value] of Object.entries(query)) address.searchParams.append(name, value);
  const encrypted = mode === 'plain' ? '' : encrypt(readEncodingAesKey(account.encodingAesKey), account.appId, xml);
  if (encrypted) {
    address.searchParams.append('encrypt_type', 'aes');
    address.searchParams.append('msg_signature', sign(account.token, timestamp, nonce, encrypted));
  }
  return fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'text/xml' },
    body: bodyOf(xml, mode, encrypted),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
}

function bodyOf(xml: string, mode: Mode, encrypted: string): string {
  const element = `<Encrypt>${cdata(encrypted)}</Encrypt></xml>`;
  if (mode === 'plain') return xml;
  if (mode === 'compatible') return xml.replace(/<\/xml>\s*$/, () => element);
  return `<xml><ToUserName>${cdata(partiesOf(xml).originalId)}</ToUserName>${element}`;
}

function readResponse(raw: string, push: Push): Pick<Attempt, 'outcome' | 'body' | 'shown' | 'why'> {
  if (raw === '' || raw === 'success') return { outcome: 'accepted', body: raw, shown: '', why: '' };
  try {
    const body = unseal(raw, push);
    return { outcome: 'accepted', body: body, shown: displayOf(body, partiesOf(push.xml)), why: '' };
  } catch (error) {
    return { outcome: 'unreadable', body: raw, shown: SERVICE_FAILURE, why: reasonOf(error) };
  }
}

/** Decrypts a reply: in safe mode it must be encrypted, in compatible mode it may, in plain mode it must not. */
function unseal(raw: string, { account, mode }: Push): string {
  const { Encrypt, MsgSignature, TimeStamp, Nonce } = parseXml(raw);
  if (Encrypt === undefined && mode === 'safe') throw new TypeError('in safe mode a reply must be encrypted');
  if (Encrypt === undefined) return raw;
  if (mode === 'plain') throw new TypeError('in plain mode a reply must not be encrypted');
  if (!/^\d{10}$/.test(String(TimeStamp))) throw new TypeError('TimeStamp is not Unix seconds');
  const expected = sign(account.token, String(TimeStamp), String(Nonce), String(Encrypt));
  if (!isSame(expected, String(MsgSignature))) throw new TypeError('MsgSignature is wrong');
  return decrypt(readEncodingAesKey(account.encodingAesKey), account.appId, String(Encrypt));
}

/** The follower and the account of a delivery, also of intentionally broken XML. */
function partiesOf(xml: string) {
  const first = (name: string) => xml.match(new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([^\\]<]*)`))?.[1] ?? '';
  return { openid: first('FromUserName'), originalId: first('ToUserName') };
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as { name?: string; message?: string; cause?: { message?: string } };
  if (name === 'TimeoutError') return 'no response in time';
  return [message, cause?.message].filter(Boolean).join(': ') || String(error);
}
