import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { NOW, plain, safe, textMessage } from '../support/callback.ts';
import { makeTables } from '../support/tables.ts';
import { everyInteraction, instance } from '../support/webhook.ts';
import { fuzzed } from './runs.ts';

beforeAll(makeTables);

const message = textMessage('hello');

/** Past the five minutes for which a signature is good. */
const tooFar = fc.integer({ min: 301_000, max: 10 * 365 * 86_400_000 });

/** A text with one character replaced by another letter or digit, whatever the case. */
const spoilt = (text: string, at: number): string => {
  const index = at % text.length;
  const other = text[index] === '7' ? '8' : '7';
  return text.slice(0, index) + other + text.slice(index + 1);
};

const withParameter = (made: APIGatewayProxyEventV2, name: string, change: (value: string) => string) => {
  const search = new URLSearchParams(made.rawQueryString);
  search.set(name, change(search.get(name) ?? ''));
  return { ...made, rawQueryString: search.toString() };
};

const withCiphertext = (made: APIGatewayProxyEventV2, change: (text: string) => string) => ({
  ...made,
  body: made.body?.replace(/(?<=<Encrypt><!\[CDATA\[)[^\]]+/, change) ?? '',
});

/** What somebody can send who has seen genuine deliveries and lacks the Token, the EncodingAESKey or both. */
const forgery: fc.Arbitrary<APIGatewayProxyEventV2> = fc.oneof(
  fc
    .tuple(fc.constantFrom('signature', 'msg_signature', 'timestamp', 'nonce'), fc.nat())
    .map(([name, at]) => withParameter(safe(message), name, (value) => spoilt(value, at))),
  fc
    .tuple(fc.constantFrom('signature', 'msg_signature'), fc.string({ maxLength: 60 }))
    .map(([name, text]) => withParameter(safe(message), name, () => text)),
  fc.nat().map((at) => withCiphertext(safe(message), (text) => spoilt(text, at))),
  fc.nat().map((at) => withCiphertext(safe(message), (text) => text.slice(0, at % text.length))),
  fc.base64String({ minLength: 4, maxLength: 400 }).map((text) => withCiphertext(safe(message), () => text)),
  fc.string({ minLength: 1 }).map((more) => safe(message, { token: `PawTok3n2026${more}` })),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((key) => safe(message, { key: Buffer.from(key) })),
  fc.string({ minLength: 1 }).map((more) => safe(message, { appId: `wx0123456789abcdef${more}` })),
  tooFar.map((ms) => safe(message, { time: NOW - ms })),
  tooFar.map((ms) => safe(message, { time: NOW + ms })),
  fc.string({ unit: 'grapheme' }).map((content) => plain(textMessage(content))),
  fc.string({ unit: 'grapheme' }).map((content) => ({ ...safe(message), body: textMessage(content) })),
);

it('the webhook in safe mode accepts none of 10,000 forgeries, and records none', async () => {
  const webhook = instance('safe');
  const statuses = new Map<number | undefined, number>();
  await fuzzed(
    fc.asyncProperty(forgery, async (made) => {
      const { statusCode } = await webhook({ ...made, requestContext: { ...made.requestContext, timeEpoch: NOW } });
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
      expect([400, 401]).toContain(statusCode);
    }),
    10_000,
  );
  expect(statuses.get(401)).toBeGreaterThan(9_000);
  expect(await everyInteraction()).toEqual([]);
});

it('and it accepts what they were made of', async () => {
  expect((await instance('safe')(safe(message))).statusCode).toBe(200);
  expect(await everyInteraction()).toHaveLength(1);
});
