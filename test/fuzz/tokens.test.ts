import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { endpoint } from '../../lib/http/endpoint.ts';
import { officeOn } from '../failures/office.ts';
import { call } from '../support/events.ts';
import { nothing, route } from '../support/routes.ts';
import { NOW, now } from './office.ts';
import { fuzzed } from './runs.ts';

/** Whoever gets as far as the database has been believed. */
const believing = {
  send: async () => {
    throw new Error('a forged token was believed');
  },
} as unknown as DynamoDBDocumentClient;

const office = officeOn(believing, now);
const handler = endpoint([route('GET /me', 'session', nothing, () => ({}))], office);
const statusOf = async (sent: Parameters<typeof call>[2]) => (await call(handler, 'GET /api/v0.1/me', sent)).status;

const bytesOf = (token: string): Buffer[] => token.split('.').map((part) => Buffer.from(part, 'base64url'));
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let ours = '';
beforeAll(async () => {
  ours = await office.sessions.issue({ username: 'ming', session: 1 });
});

it('a token of ours is believed', async () => {
  expect(await statusOf({ token: ours })).toBe(500);
});

it('any text is refused, as Bearer and as cookie', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.stringMatching(/^[\w-]{0,20}(\.[\w-]{0,20}){0,4}$/),
  );
  await fuzzed(
    fc.asyncProperty(text, fc.constantFrom('Bearer ', 'bearer  ', 'Basic ', ''), async (token, scheme) => {
      const authorization = (scheme + token).replace(/[^\x20-\x7e]/g, '?');
      expect(await statusOf({ headers: { authorization } })).toBe(401);
      expect(await statusOf({ cookies: [`token=${token.replace(/[^\x21-\x7e]/g, '?')}`] })).toBe(401);
    }),
  );
});

it('whatever a token says of itself, it is refused without our signature', async () => {
  const header = fc.record(
    {
      alg: fc.constantFrom('none', 'None', 'HS256', 'HS512', 'RS256', 'ES256', 'dir', '', null, 7),
      typ: fc.constantFrom('JWT', 'jwt', '', null),
      crit: fc.constantFrom([], ['b64'], ['exp'], 'b64'),
      b64: fc.boolean(),
      kid: fc.string(),
      jwk: fc.constant({ kty: 'oct', k: 'AAAA' }),
      zip: fc.constant('DEF'),
    },
    { requiredKeys: ['alg'] },
  );
  const session = { sub: 'ming', session: 1, iss: 'wechat-server', aud: 'back-office', exp: NOW / 1000 + 60 };
  const payload = fc.oneof(fc.constant(session), fc.jsonValue());
  const signature = fc.oneof(
    fc.constant(''),
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  );
  await fuzzed(
    fc.asyncProperty(header, payload, signature, fc.boolean(), async (head, body, own, isOurs) => {
      const signed = isOurs ? ours.split('.')[2] : own;
      expect(await statusOf({ token: `${base64(head)}.${base64(body)}.${signed}` })).toBe(401);
    }),
    1_000,
  );
});

it('a token of ours with any one character changed, or a piece missing, is refused', async () => {
  await fuzzed(
    fc.asyncProperty(
      fc.nat(),
      fc.stringMatching(/^[\w.-]{0,2}$/),
      fc.nat({ max: 3 }),
      async (place, instead, length) => {
        const at = place % ours.length;
        const token = ours.slice(0, at) + instead + ours.slice(at + length);
        const isSame =
          token.split('.').length === 3 &&
          bytesOf(token).every((part, index) => part.equals(bytesOf(ours)[index] ?? part));
        fc.pre(!isSame);
        expect(await statusOf({ token })).toBe(401);
      },
    ),
    1_000,
  );
});

it('what is signed with our secret for others, too long ago, or without a name is refused', async () => {
  const claims = fc.record(
    {
      iss: fc.constantFrom('wechat-server', 'another'),
      aud: fc.constantFrom('back-office', 'another'),
      exp: fc.constantFrom(NOW / 1000 - 1, NOW / 1000 + 60),
      nbf: fc.constantFrom(NOW / 1000 - 60, NOW / 1000 + 600),
      sub: fc.constantFrom('ming', ''),
      session: fc.oneof(fc.constant(1), fc.string(), fc.constant(null)),
    },
    { requiredKeys: [] },
  );
  const secret = new TextEncoder().encode(process.env.SESSION_SECRET);
  await fuzzed(
    fc.asyncProperty(claims, fc.constantFrom('HS256', 'HS384', 'HS512'), async (its, alg) => {
      const { iss, aud, exp = 0, nbf = 0, sub, session } = its;
      const isOurs = alg === 'HS256' && iss === 'wechat-server' && aud === 'back-office' && exp > NOW / 1000;
      fc.pre(!(isOurs && nbf <= NOW / 1000 && sub !== undefined && typeof session === 'number'));
      const token = await new SignJWT(its).setProtectedHeader({ alg }).sign(secret);
      expect(await statusOf({ token })).toBe(401);
    }),
  );
});
