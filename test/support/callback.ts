import { createCipheriv } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { decrypt, encrypt, readEncodingAesKey } from '../../lib/wechat/callback/encryption.ts';
import { sign } from '../../lib/wechat/callback/signature.ts';
import { parseXml, type XmlFields } from '../../lib/wechat/callback/xml.ts';
import { event } from './events.ts';

export const APP_ID = 'wx0123456789abcdef';
export const TOKEN = 'PawTok3n2026';
export const KEY = readEncodingAesKey('AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA');

type Callback = { time?: number; token?: string; nonce?: string; key?: Buffer; appId?: string };

/** The moment most tests live in: CreateTime 1767225600 of the protocol page, in milliseconds. */
export const NOW = 1_767_225_600_000;

export function query({ time = NOW, token = TOKEN, nonce = '918273645' }: Callback = {}): Record<string, string> {
  const timestamp = String(Math.floor(time / 1000));
  return { signature: sign(token, timestamp, nonce), timestamp, nonce };
}

/** A delivery as WeChat pushes it in plain mode. */
export const plain = (xml: string, callback: Callback = {}): APIGatewayProxyEventV2 =>
  event('POST /webhook', { query: query(callback), body: xml, time: callback.time ?? NOW });

/** A delivery as WeChat pushes it in safe mode. */
export function safe(xml: string, callback: Callback = {}): APIGatewayProxyEventV2 {
  const encrypted = encrypt(callback.key ?? KEY, callback.appId ?? APP_ID, xml);
  return sealed(
    `<xml><ToUserName><![CDATA[gh_demo00000001]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`,
    encrypted,
    callback,
  );
}

/** A delivery as WeChat pushes it in compatible mode: readable, and the same again encrypted. */
export function compatible(xml: string, callback: Callback = {}): APIGatewayProxyEventV2 {
  const encrypted = encrypt(callback.key ?? KEY, callback.appId ?? APP_ID, xml);
  return sealed(xml.replace('</xml>', `<Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`), encrypted, callback);
}

/** Any bytes in place of a message, encrypted as WeChat would. */
export function sealedBytes(bytes: Buffer): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  const whole = Buffer.concat([Buffer.alloc(16, 'r'), length, bytes, Buffer.from(APP_ID)]);
  const pad = 32 - (whole.length % 32);
  const cipher = createCipheriv('aes-256-cbc', KEY, KEY.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(Buffer.concat([whole, Buffer.alloc(pad, pad)])), cipher.final()]).toString(
    'base64',
  );
}

/** A body with a query that vouches for `encrypted`. */
export function sealed(body: string, encrypted: string, callback: Callback = {}): APIGatewayProxyEventV2 {
  const signed = query(callback);
  const msg_signature = sign(callback.token ?? TOKEN, signed.timestamp ?? '', signed.nonce ?? '', encrypted);
  const full = { ...signed, openid: 'oDemo0001', encrypt_type: 'aes', msg_signature };
  return event('POST /webhook', { query: full, body, time: callback.time ?? NOW });
}

/** The reply inside a sealed answer, its signature checked. */
export function unsealed(body: string): XmlFields {
  const { Encrypt, MsgSignature, TimeStamp, Nonce } = parseXml(body) as Record<string, string>;
  expect(MsgSignature).toBe(sign(TOKEN, String(TimeStamp), String(Nonce), Encrypt));
  return parseXml(decrypt(KEY, APP_ID, String(Encrypt)));
}

let messages = 0;

/** A text message of a follower's; `content` goes into the XML as CDATA. */
export const textMessage = (
  content: string,
  { from = 'oDemo0001', id = String(24_300_000_000_000_000n + BigInt(++messages)), created = NOW / 1000 } = {},
): string =>
  `<xml><ToUserName><![CDATA[gh_demo00000001]]></ToUserName><FromUserName><![CDATA[${from}]]></FromUserName>` +
  `<CreateTime>${created}</CreateTime><MsgType><![CDATA[text]]></MsgType>` +
  `<Content><![CDATA[${content.replaceAll(']]>', ']]]]><![CDATA[>')}]]></Content><MsgId>${id}</MsgId></xml>`;

export const subscription = (from = 'oDemo0001', created = NOW / 1000): string =>
  `<xml><ToUserName><![CDATA[gh_demo00000001]]></ToUserName><FromUserName><![CDATA[${from}]]></FromUserName>` +
  `<CreateTime>${created}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe]]></Event>` +
  '<EventKey><![CDATA[]]></EventKey></xml>';
