import { createCipheriv, randomBytes } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { encrypt } from '../../lib/wechat/encryption.ts';
import { sign } from '../../lib/wechat/signature.ts';
import { APP_ID, KEY, NOW, plain, query, safe, sealed, TOKEN, textMessage } from '../support/callback.ts';
import { event } from '../support/events.ts';
import { makeTables } from '../support/tables.ts';
import { everyInteraction, instance } from '../support/webhook.ts';

beforeAll(makeTables);

const MINUTE = 60_000;
const message = textMessage('hello');
const envelope = (encrypted: string) => `<xml><ToUserName>gh</ToUserName><Encrypt>${encrypted}</Encrypt></xml>`;
const encrypted = encrypt(KEY, APP_ID, message);

const withQuery = (made: APIGatewayProxyEventV2, change: (query: URLSearchParams) => void): APIGatewayProxyEventV2 => {
  const search = new URLSearchParams(made.rawQueryString);
  change(search);
  return { ...made, rawQueryString: search.toString() };
};

/** Encrypts as WeChat does, but for the padding. */
function padded(pad: number, count: number): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  const body = Buffer.concat([randomBytes(16), length, Buffer.from(message + APP_ID), Buffer.alloc(count, pad)]);
  const cipher = createCipheriv('aes-256-cbc', KEY, KEY.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(body), cipher.final()]).toString('base64');
}
const roomInBlock = 32 - ((20 + message.length + APP_ID.length) % 32);

const truncated = encrypted.slice(0, -24);
const garbled = `${encrypted.slice(0, 40)}AAAA${encrypted.slice(44)}`;
const zeroPad = padded(0, roomInBlock);
const pad33 = padded(33, roomInBlock + 32);
const bomb = '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>';
const deep = `<xml>${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}</xml>`;

describe('POST /webhook in safe mode refuses', () => {
  it.each<[string, number, APIGatewayProxyEventV2]>([
    ['a wrong signature', 401, withQuery(safe(message), (q) => q.set('signature', '0'.repeat(40)))],
    ['no signature', 401, withQuery(safe(message), (q) => q.delete('signature'))],
    ['an empty signature', 401, withQuery(safe(message), (q) => q.set('signature', ''))],
    ['no query at all', 401, event('POST /webhook', { body: message })],
    ['the signature of another token', 401, safe(message, { token: 'AnotherToken' })],
    ['a signature reused with another body', 401, { ...safe(message), body: envelope(encrypted) }],
    ['a missing msg_signature', 401, withQuery(safe(message), (q) => q.delete('msg_signature'))],
    ['a plain body', 401, plain(message)],
    ['a plain body under a msg_signature', 401, { ...safe(message), body: message }],
    [
      'the three-text digest offered as msg_signature',
      401,
      withQuery(safe(message), (q) => q.set('msg_signature', q.get('signature') ?? '')),
    ],
    [
      'the four-text digest offered as signature',
      401,
      withQuery(safe(message), (q) => q.set('signature', q.get('msg_signature') ?? '')),
    ],
    ['another AppID inside', 401, safe(message, { appId: 'wx00000000000000ff' })],
    ['another key', 401, safe(message, { key: randomBytes(32) })],
    ['a timestamp 10 minutes old', 401, safe(message, { time: NOW - 10 * MINUTE })],
    ['a timestamp 10 minutes ahead', 401, safe(message, { time: NOW + 10 * MINUTE })],
    ['a truncated ciphertext', 401, sealed(envelope(truncated), truncated)],
    ['a garbled ciphertext', 401, sealed(envelope(garbled), garbled)],
    ['a ciphertext that is no base64', 401, sealed(envelope('***'), '***')],
    ['an empty ciphertext', 401, sealed(envelope(''), '')],
    ['a pad byte of 0', 401, sealed(envelope(zeroPad), zeroPad)],
    ['a pad byte of 33', 401, sealed(envelope(pad33), pad33)],
    [
      'nonce[]=x in place of the nonce',
      401,
      withQuery(safe(message), (q) => {
        q.delete('nonce');
        q.set('nonce[]', 'x');
      }),
    ],
    ['a doubled signature', 400, withQuery(safe(message), (q) => q.append('signature', q.get('signature') ?? ''))],
    ['a doubled nonce', 400, withQuery(safe(message), (q) => q.append('nonce', 'x'))],
    ['a doubled msg_signature', 400, withQuery(safe(message), (q) => q.append('msg_signature', 'x'))],
    ['a DOCTYPE in the envelope', 400, { ...safe(message), body: bomb + envelope(encrypted) }],
    ['a DOCTYPE in the message', 400, safe(bomb + message)],
    ['an external entity in the message', 400, safe(`<!doctype x SYSTEM "file:///etc/passwd">${message}`)],
    ['a body of 10 MB', 413, { ...safe(message), body: 'x'.repeat(10_000_000) }],
    ['a base64 body of 10 MB', 413, { ...safe(message), body: 'A'.repeat(10_000_000), isBase64Encoded: true }],
    ['deep nesting in the envelope', 400, { ...safe(message), body: deep }],
    ['deep nesting in the message', 400, safe(deep)],
    ['a FromUserName of 129 bytes', 400, safe(textMessage('x', { from: 'o'.repeat(129) }))],
    ['a CreateTime that is no number', 400, safe(message.replace(/<CreateTime>\d+/, '<CreateTime>soon'))],
    ['a message that is no XML', 400, safe('{"hello":1}')],
    ['an empty body', 400, { ...safe(message), body: '' }],
  ])('%s', async (_, status, made) => {
    const answer = await instance('safe')(made);

    expect(answer.statusCode).toBe(status);
    expect(answer.body).not.toContain('hello');
  });

  it('and keeps none of it', async () => {
    expect(await everyInteraction()).toEqual([]);
  });
});

describe('POST /webhook in plain mode refuses', () => {
  const signed = (timestamp: string) => ({ timestamp, nonce: 'n', signature: sign(TOKEN, timestamp, 'n') });

  it.each<[string, number, APIGatewayProxyEventV2]>([
    ['a timestamp in milliseconds', 400, event('POST /webhook', { query: signed(String(NOW)), body: message })],
    ['a timestamp that is no number', 400, event('POST /webhook', { query: signed('1e9'), body: message })],
    ['a wrong signature', 401, withQuery(plain(message), (q) => q.set('signature', 'x'))],
    ['a DOCTYPE', 400, plain(bomb + message)],
    ['an encrypted message', 400, safe(message)],
  ])('%s', async (_, status, made) => {
    expect((await instance('plain')(made)).statusCode).toBe(status);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('an element named %s, and is none the worse', async (name) => {
    const made = plain(message.replace('</xml>', `<${name}><polluted>1</polluted></${name}></xml>`));

    expect((await instance('plain')(made)).statusCode).toBe(400);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('GET /webhook', () => {
  const script = '<script>alert(1)</script>';

  it('echoes what WeChat signed, to the byte, as text that no browser runs', async () => {
    const answer = await instance()(event('GET /webhook', { query: { ...query(), echostr: script } }));

    expect(answer).toMatchObject({
      statusCode: 200,
      body: script,
      headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
    });
  });

  it('echoes nothing unsigned', async () => {
    const answer = await instance()(event('GET /webhook', { query: { ...query(), signature: 'x', echostr: script } }));

    expect(answer.statusCode).toBe(401);
    expect(answer.body).not.toContain('script');
  });

  it.each([
    ['without echostr', query(), 400],
    ['10 minutes old', { ...query({ time: NOW - 10 * MINUTE }), echostr: 'x' }, 401],
    ['of another token', { ...query({ token: 'Other' }), echostr: 'x' }, 401],
  ])('refuses a check %s', async (_, asked, status) => {
    expect((await instance()(event('GET /webhook', { query: asked }))).statusCode).toBe(status);
  });

  it('reads an encrypted echostr', async () => {
    const echostr = encrypt(KEY, APP_ID, '5837294');
    const signed = query();
    const msg_signature = sign(TOKEN, signed.timestamp ?? '', signed.nonce ?? '', echostr);

    const answer = await instance()(event('GET /webhook', { query: { ...signed, msg_signature, echostr } }));

    expect(answer).toMatchObject({ statusCode: 200, body: '5837294' });
  });
});
