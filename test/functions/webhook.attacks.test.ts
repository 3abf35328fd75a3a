import { createCipheriv, randomBytes } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { encrypt } from '../../lib/wechat/callback/encryption.ts';
import { sign } from '../../lib/wechat/callback/signature.ts';
import { APP_ID, KEY, NOW, plain, query, safe, sealed, sealedBytes, TOKEN, textMessage } from '../support/callback.ts';
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

const REFUSED = {
  statusCode: 401,
  headers: { 'Content-Type': 'application/json; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
  body: '{"errcode":401,"errmsg":"refused"}',
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
  it.each<[string, APIGatewayProxyEventV2]>([
    ['a wrong signature', withQuery(safe(message), (q) => q.set('signature', '0'.repeat(40)))],
    ['no signature', withQuery(safe(message), (q) => q.delete('signature'))],
    ['an empty signature', withQuery(safe(message), (q) => q.set('signature', ''))],
    ['no query at all', event('POST /webhook', { body: message })],
    ['the signature of another token', safe(message, { token: 'AnotherToken' })],
    ['a signature reused with another body', { ...safe(message), body: envelope(encrypted) }],
    ['a missing msg_signature', withQuery(safe(message), (q) => q.delete('msg_signature'))],
    ['a plain body', plain(message)],
    ['a plain body under a msg_signature', { ...safe(message), body: message }],
    [
      'the three-text digest offered as msg_signature',
      withQuery(safe(message), (q) => q.set('msg_signature', q.get('signature') ?? '')),
    ],
    [
      'the four-text digest offered as signature',
      withQuery(safe(message), (q) => q.set('signature', q.get('msg_signature') ?? '')),
    ],
    ['another AppID inside', safe(message, { appId: 'wx00000000000000ff' })],
    ['another key', safe(message, { key: randomBytes(32) })],
    ['a timestamp 10 minutes old', safe(message, { time: NOW - 10 * MINUTE })],
    ['a timestamp 10 minutes ahead', safe(message, { time: NOW + 10 * MINUTE })],
    ['a truncated ciphertext', sealed(envelope(truncated), truncated)],
    ['a garbled ciphertext', sealed(envelope(garbled), garbled)],
    ['a ciphertext that is no base64', sealed(envelope('***'), '***')],
    ['an empty ciphertext', sealed(envelope(''), '')],
    ['a pad byte of 0', sealed(envelope(zeroPad), zeroPad)],
    ['a pad byte of 33', sealed(envelope(pad33), pad33)],
    [
      'nonce[]=x in place of the nonce',
      withQuery(safe(message), (q) => {
        q.delete('nonce');
        q.set('nonce[]', 'x');
      }),
    ],
    ['a doubled signature', withQuery(safe(message), (q) => q.append('signature', q.get('signature') ?? ''))],
    ['a doubled nonce', withQuery(safe(message), (q) => q.append('nonce', 'x'))],
    ['a doubled msg_signature', withQuery(safe(message), (q) => q.append('msg_signature', 'x'))],
    ['deep nesting in the envelope', { ...safe(message), body: deep }],
    ['an empty body', { ...safe(message), body: '' }],
    ['a body that is no text', { ...safe(message), body: 7 as never }],
    ['a body of null', { ...safe(message), body: null as never }],
    ['a blank body', { ...safe(message), body: ' \n' }],
    ['a PUT', { ...safe(message), requestContext: event('PUT /webhook').requestContext }],
    ['a JSON envelope without <Encrypt>', { ...safe(message), body: '{"FromUserName":"o","Content":"hello"}' }],
    ['an unclosed <Encrypt>', { ...safe(message), body: `<xml><Encrypt>${encrypted}` }],
  ])('%s, and says no more than that', async (_, made) => {
    expect(await instance('safe')(made)).toEqual(REFUSED);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'hello'],
    ['no fields', {}],
    ['no context', { rawQueryString: 'a=b', body: 'hello' }],
    ['no method', { requestContext: {}, rawQueryString: safe(message).rawQueryString, body: safe(message).body }],
    ['no query', { ...safe(message), rawQueryString: undefined }],
    ['no body', { ...safe(message), body: undefined }],
    ['a list', []],
  ])('an event that is or has %s', async (_, made) => {
    expect(await instance('safe')(made as APIGatewayProxyEventV2)).toEqual(REFUSED);
    expect(await instance('plain')(made as APIGatewayProxyEventV2)).toEqual(REFUSED);
  });

  it.each<[string, APIGatewayProxyEventV2]>([
    ['a body of 10 MB', { ...safe(message), body: 'x'.repeat(10_000_000) }],
    ['a base64 body of 10 MB', { ...safe(message), body: 'A'.repeat(10_000_000), isBase64Encoded: true }],
  ])('%s by its size', async (_, made) => {
    expect((await instance('safe')(made)).statusCode).toBe(413);
  });

  it('and keeps none of it', async () => {
    expect(await everyInteraction()).toEqual([]);
  });

  it.each([
    ['a DOCTYPE', bomb],
    ['no XML at all', '{"a":'],
    ["a follower's <Encrypt>", '<xml><Content><![CDATA[<Encrypt>x]]></Content></xml>'],
  ])('none that has %s around its <Encrypt>: nothing else there is read', async (_, around) => {
    const made = safe(message);

    expect((await instance('compatible')({ ...made, body: around + made.body })).statusCode).toBe(200);
  });
});

describe('POST /webhook in plain mode refuses', () => {
  const signed = (timestamp: string) => ({ timestamp, nonce: 'n', signature: sign(TOKEN, timestamp, 'n') });

  it.each<[string, APIGatewayProxyEventV2]>([
    ['a timestamp in milliseconds', event('POST /webhook', { query: signed(String(NOW)), body: message })],
    ['a timestamp that is no number', event('POST /webhook', { query: signed('1e9'), body: message })],
    ['a wrong signature', withQuery(plain(message), (q) => q.set('signature', 'x'))],
    ['a DOCTYPE', plain(bomb + message)],
    ['an encrypted message', safe(message)],
  ])('%s', async (_, made) => {
    expect(await instance('plain')(made)).toEqual(REFUSED);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('an element named %s, and is none the worse', async (name) => {
    const made = plain(message.replace('</xml>', `<${name}><polluted>1</polluted></${name}></xml>`));

    expect(await instance('plain')(made)).toEqual(REFUSED);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('GET /webhook', () => {
  const asked = (echostr: string, callback = {}) => event('GET /webhook', { query: { ...query(callback), echostr } });
  const askedSealed = (echostr: string) => {
    const signed = query();
    const msg_signature = sign(TOKEN, signed.timestamp ?? '', signed.nonce ?? '', echostr);
    return event('GET /webhook', { query: { ...signed, msg_signature, echostr } });
  };

  it('echoes what WeChat signed, to the byte, as text that no browser runs', async () => {
    expect(await instance()(asked('0583729400000000017'))).toMatchObject({
      statusCode: 200,
      body: '0583729400000000017',
      headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
    });
  });

  it('reads an encrypted echostr', async () => {
    const answer = await instance()(askedSealed(encrypt(KEY, APP_ID, '5837294')));

    expect(answer).toMatchObject({ statusCode: 200, body: '5837294' });
  });

  it.each([
    ['unsigned', event('GET /webhook', { query: { ...query(), signature: 'x', echostr: '1' } })],
    ['without echostr', event('GET /webhook', { query: query() })],
    ['10 minutes old', asked('1', { time: NOW - 10 * MINUTE })],
    ['of another token', asked('1', { token: 'Other' })],
    ['for a script', asked('<script>alert(1)</script>')],
    ['for a word', asked('hello')],
    ['for more digits than an echo has', asked('1'.repeat(65))],
    ['for digits of another script', asked('١٢٣')],
    ['for digits and a line break', asked('1\n')],
    ['to open a captured delivery', askedSealed(encrypted)],
    ['to open a captured delivery of one word', askedSealed(encrypt(KEY, APP_ID, 'hello'))],
    ['to open what is not UTF-8', askedSealed(sealedBytes(Buffer.from([0x31, 0xff])))],
  ])('refuses a check %s', async (_, made) => {
    expect(await instance()(made)).toEqual(REFUSED);
  });
});
