import fc from 'fast-check';
import { audit } from '../../functions/audit/handler.ts';
import { interactions } from '../../functions/interactions/handler.ts';
import { accounts } from '../../functions/operators/accounts.ts';
import { operators } from '../../functions/operators/handler.ts';
import { endpoint } from '../../lib/http/endpoint.ts';
import { hashing } from '../../lib/operators/passwords.ts';
import { attemptsTable } from '../../lib/tables/attempts.ts';
import { auditTable } from '../../lib/tables/audit.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import { operatorsTable } from '../../lib/tables/operators.ts';
import { pendingTable } from '../../lib/tables/pending.ts';
import { call } from '../support/events.ts';
import { EMPTY, NOW, now, OFFICE } from './office.ts';
import { fuzzed } from './runs.ts';

const handler = endpoint(
  [
    ...interactions({
      ...{ wechat: async () => ({}), now, sleep: async () => undefined },
      history: history(EMPTY, 'interactions', { shards: 2, retentionDays: undefined, now }),
      pending: pendingTable(EMPTY, 'pending', now),
    }),
    ...audit(auditTable(EMPTY, 'audit')),
    ...operators({
      accounts: accounts({ operators: operatorsTable(EMPTY, 'operators'), passwords: hashing() }),
      attempts: attemptsTable(EMPTY, 'operators'),
      registration: 'closed',
    }),
  ],
  OFFICE,
);

const LISTS = ['/interactions', '/interactions/oAny', '/audit', '/operators'] as const;
const list = fc.constantFrom(...LISTS).map((path) => `GET /api/v0.1${path}`);

const number = fc.oneof(fc.constantFrom(0, -1, NOW, 1e15, 8.64e15, 2 ** 53 - 1, 1e300, 0.5), fc.integer());
const place = fc.oneof(
  fc.constantFrom('1767225600#1', '1767225600000#1', '1767225600000', '9999999999999#x', '0000000000#', 'oAny', ''),
  fc.constantFrom(
    '2026-01-01T00:00:00.000Z',
    '2026-01-01T00:00:00.000Z#a',
    '9999-12-31T23:59:59.999Z',
    '0000-00-00T00:00:00.000Z',
  ),
  fc.string({ maxLength: 40 }),
);
const any = fc.oneof(number, place, fc.constantFrom(null, true, [], {}));

const mostly = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof({ weight: 6, arbitrary }, any);
const moment = fc.constantFrom('1767225600#1', '0000000000#', '9999999999#x');
const received = fc.constantFrom('1767225600000#1', '0000000000000#x', '9999999999999#x');
const midnight = fc.constantFrom('1767225600000', '0000000000000', '9999999999999');
const shard = fc.constantFrom(0, 1, 2, 98, 99, -1, 0.5);
const openid = fc.constantFrom('oAny', 'oOther', '');
const rarely = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, arbitrary);

/** As cursors of ours look inside, more or less: what is undefined is left out of JSON. */
const inside = fc.oneof(
  fc.record({
    from: mostly(number),
    before: mostly(place),
    operator: rarely(any),
    action: rarely(any),
    more: rarely(any),
  }),
  fc.record({
    from: mostly(number),
    to: rarely(any),
    kind: rarely(any),
    direction: rarely(fc.constantFrom('in', 'out', 'up')),
    openid: rarely(openid),
    at: mostly(fc.oneof(fc.tuple(moment), fc.tuple(midnight), fc.tuple(received, shard, openid, moment))),
  }),
);

const cursor = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 40 }).map((text) => Buffer.from(text).toString('base64url')),
  { weight: 4, arbitrary: inside.map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')) },
);

it('any cursor is followed, or refused as one that is not ours', async () => {
  const seen = new Set<number | undefined>();
  await fuzzed(
    fc.asyncProperty(list, cursor, async (asked, its) => {
      const { status, json } = await call(handler, asked, { token: 'any', query: { cursor: its } });
      seen.add(status);
      expect([200, 400]).toContain(status);
      if (status === 400) expect(json).toMatchObject({ errcode: -1, detail: expect.stringMatching(/^cursor/) });
    }),
    3_000,
  );
  expect([...seen].toSorted()).toEqual([200, 400]);
});

it('any time and limit are taken or refused', async () => {
  const time = fc.oneof(
    fc.constantFrom(
      '2026-01-01',
      '9999-12-31',
      '0000-01-01',
      '2026-13-01',
      '2026-02-31T00:00:00Z',
      '+275760-09-13T00:00:00Z',
    ),
    fc.string({ maxLength: 30 }),
  );
  await fuzzed(
    fc.asyncProperty(
      list,
      time,
      time,
      fc.oneof(fc.string({ maxLength: 5 }), fc.nat().map(String)),
      async (asked, from, to, limit) => {
        const { status } = await call(handler, asked, { token: 'any', query: { from, to, limit } });
        expect([200, 400]).toContain(status);
      },
    ),
    1_000,
  );
});
