import { cdata } from './cdata.ts';
import { encrypt } from './encryption.ts';
import { sign } from './signature.ts';

export interface Seal {
  readonly key: Buffer;
  readonly appId: string;
  readonly token: string;
  /** Unix seconds, as text. WeChat's client refuses milliseconds. */
  readonly timestamp: string;
  readonly nonce: string;
}

/** The encrypted form of a passive reply, for safe mode. `success` is never encrypted. */
export function sealReply(xml: string, { key, appId, token, timestamp, nonce }: Seal): string {
  const encrypted = encrypt(key, appId, xml);
  const signature = sign(token, timestamp, nonce, encrypted);
  return (
    `<xml><Encrypt><![CDATA[${encrypted}]]></Encrypt><MsgSignature><![CDATA[${signature}]]></MsgSignature>` +
    `<TimeStamp>${timestamp}</TimeStamp><Nonce>${cdata(nonce)}</Nonce></xml>`
  );
}

const OPENING = '<Encrypt>';
const CLOSING = '</Encrypt>';

/**
 * The candidates for the `<Encrypt>` of a body, empty if it has none. Nothing else of the body counts: in compatible mode
 * its other half, a follower's text among it, may be broken or hold an `<Encrypt>` of its own, so that the last and the
 * first are looked at. A `msg_signature` tells which is WeChat's.
 */
export function encryptedTexts(body: string): readonly string[] {
  const places = new Set([body.lastIndexOf(OPENING), body.indexOf(OPENING)]);
  const texts = [...places].flatMap((place) => (place < 0 ? [] : textAt(body, place + OPENING.length)));
  return texts.length === 0 && isJson(body) ? textInJson(body) : texts;
}

function textAt(body: string, from: number): string[] {
  const end = body.indexOf(CLOSING, from);
  const text = body.slice(from, end).trim();
  if (end < 0) return [];
  return [text.startsWith('<![CDATA[') && text.endsWith(']]>') ? text.slice(9, -3) : text];
}

/** True if a text looks like JSON, the other data format of mp.weixin.qq.com. */
export const isJson = (text: string): boolean => text.trimStart().startsWith('{');

function textInJson(body: string): string[] {
  const { Encrypt } = objectInJson(body);
  return typeof Encrypt === 'string' ? [Encrypt] : [];
}

/** The object in a text, empty when there is none. */
export function objectInJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
