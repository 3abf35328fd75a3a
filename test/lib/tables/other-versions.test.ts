import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { RuleWindow } from '../../../lib/replies/rules/shape.ts';
import { referenceOf } from '../../../lib/slow-replies/tap-link.ts';
import { credentialsTable } from '../../../lib/tables/credentials.ts';
import { erasuresTable } from '../../../lib/tables/erasures.ts';
import { inFlightTable } from '../../../lib/tables/in-flight.ts';
import { insightsTable } from '../../../lib/tables/insights.ts';
import { pendingTable } from '../../../lib/tables/pending.ts';
import { replyRulesTable } from '../../../lib/tables/reply-rules.ts';
import { PENDING_KEYS, slowRepliesTable } from '../../../lib/tables/slow-replies.ts';
import { linesLogged } from '../../support/logged.ts';
import { database, makeTables, put, tableNamed } from '../../support/tables.ts';
import { aRule } from '../replies/rules/rules.ts';

const NOW = 1_767_225_600_000;
const now = () => NOW;
const db = database();
const LATER = { from_a_later_version: { a: ['b'] } };
const expires_at = NOW / 1000 + 60;

beforeAll(makeTables);

describe('reply rules', () => {
  const rules = replyRulesTable(db, tableNamed('reply-rules'));
  const kept = async (...stored: object[]) => {
    await put(
      'reply-rules',
      stored.map((rule) => ({ pk: 'rules', ...rule })),
    );
    return Object.fromEntries((await rules.all()).map((rule) => [rule.id, rule]));
  };

  it('are read without what only a later version knows beside them', async () => {
    const window: RuleWindow = { time_zone: 'UTC', weekdays: ['mon'], hours: { from: '22:00', to: '06:00' } };
    const rule = aRule({ id: 'more', window, answer: { type: 'random', replies: [{ type: 'text', content: 'a' }] } });
    expect((await kept({ ...rule, ...LATER })).more).toEqual(rule);
    expect(await rules.byId('more')).toEqual(rule);
  });

  it.each<[string, object]>([
    ['a condition of a new type', { condition: { type: 'mood', any_of: ['good'] } }],
    ['a condition that says more', { condition: { type: 'anything', except: ['text'] } }],
    [
      'a comparison that says more',
      { condition: { type: 'text', any_of: [{ comparison: 'equals', value: 'a', not: true }] } },
    ],
    ['a window that says more', { window: { time_zone: 'UTC', except: ['2026-01-01'] } }],
    ['a window without a time zone', { window: { from: '2026-01-01' } }],
    ['an action of a new type', { answer: { type: 'hologram' } }],
    ['a reply of a new type among several', { answer: { type: 'random', replies: [{ type: 'hologram' }] } }],
    ['no enabled', { enabled: undefined }],
  ])('with %s are not asked, take no other with them, and stay', async (_, but) => {
    const errors = linesLogged('ERROR');
    const found = await kept(aRule({ id: 'fine' }), { ...aRule({ id: 'strange' }), ...but });
    expect(errors()).toMatchObject([{ rule: 'strange' }]);
    expect(Object.keys(found)).toContain('fine');
    expect(found).not.toHaveProperty('strange');
    expect(await rules.remove('strange')).toBe(true);
  });
});

describe('slow replies', () => {
  const table = slowRepliesTable(db, tableNamed('pending'), { account: 'wxlater', now });
  const place = (openid: string) => ({ openid, reference: referenceOf(openid) });
  const row = (openid: string, but: object) => ({
    ...{ pk: PENDING_KEYS.reply(place(openid)), reference: referenceOf(openid), claimed_at: NOW, tap: 't', expires_at },
    ...{ answered_by: 'code:text', parts: [{ type: 'text', content: 'a', mood: 'good' }], ...but },
  });

  it('are read without what only a later version knows; a request of another shape is not asked again', async () => {
    await put('pending', [row('oMore', { ...LATER, request: { delivery: { created: 7 } } })]);
    const { reference } = place('oMore');
    expect(await table.read(place('oMore'))).toEqual({
      ...{ reference, claimed_at: NOW, tap: 't', answered_by: 'code:text', parts: [{ type: 'text', content: 'a' }] },
    });
  });

  it.each([
    ['a part of a new type', { parts: [{ type: 'hologram' }] }],
    ['a way of taking it that nobody knows', { taken_by: 'pigeon' }],
  ])('with %s count as expired, and the log says so', async (what, but) => {
    await put('pending', [row(what, but)]);
    const errors = linesLogged('ERROR');
    expect(await table.read(place(what))).toBeUndefined();
    expect(errors()).toMatchObject([{ reference: referenceOf(what) }]);
  });

  it('what waits for a follower stays as it is if it cannot be read', async () => {
    const waiting = { pk: PENDING_KEYS.waiting('oLater'), waiting: [{ hologram: 1 }], revision: 3, expires_at };
    await put('pending', [waiting]);
    await expect(table.changeWaiting('oLater', () => [])).rejects.toThrow('could not be read');
    await expect(table.readWaiting('oLater')).rejects.toThrow('could not be read');
  });

  it('leases that cannot be read are a full house', async () => {
    await put('pending', [{ pk: 'in-flight#wxlater#0', leases: { a: 'b' }, revision: 1 }]);
    const inFlight = inFlightTable(db, tableNamed('pending'), { account: 'wxlater', most: 5, now, random: () => 0 });
    expect(await inFlight.enter('mine', NOW + 1_000)).toBeUndefined();
  });
});

it('a claim of an Idempotency-Key that cannot be read is neither given away nor answered', async () => {
  await put('pending', [{ pk: 'send#ming#strange', digest: 7, claim: 'c', expires_at }]);
  const send = { operator: 'ming', key: 'strange', digest: 'd', openid: 'o' };
  await expect(pendingTable(db, tableNamed('pending'), now).claimSend(send)).rejects.toThrow();
});

it('the token is read whatever a later version says of a failure', async () => {
  const token = { access_token: 'T', expires_at: NOW };
  const failure = { reason: 'quarrel', until: NOW };
  await put('credentials', [{ pk: 'access-token#wxlater', ...token, failure, ...LATER }]);
  const { failure: read, ...rest } = await credentialsTable(db, tableNamed('credentials'), 'wxlater').read();
  expect([rest, read]).toEqual([token, undefined]);
});

it('an erasure that cannot be read does not pass for none', async () => {
  const erasures = erasuresTable(db, tableNamed('erasures'), { current: 'a key of sixteen' });
  const { name } = await erasures.remember('oErased', NOW);
  const { Items = [] } = await db.send(new ScanCommand({ TableName: tableNamed('erasures') }));
  const mine = Items.find((item) => item.name === name);
  await put('erasures', [{ ...mine, ...LATER }]);
  expect(await erasures.find('oErased', NOW)).toEqual({ erasedAt: NOW, name });
  await put('erasures', [{ ...mine, erased_at: 'yesterday' }]);
  await expect(erasures.find('oErased', NOW)).rejects.toThrow();
});

it('figures that cannot be read count as absent, those beside them not', async () => {
  const rows = insightsTable(db, tableNamed('insights'));
  await put('insights', [
    { day: '2026-01-01', hour: '00', version: 99, ...LATER },
    { day: '2026-01-01', hour: '01', version: 2, key: 'k' },
    { day: 'stale', hour: '2026-01-01T02', at: NOW, mark: 'm', ...LATER },
  ]);
  const found: unknown[] = [];
  for await (const row of rows.between(NOW, NOW + 3 * 3_600_000)) found.push(row);
  expect(found).toEqual([]);
  expect(await rows.marks()).toEqual([{ hour: NOW + 2 * 3_600_000, at: NOW, mark: 'm' }]);
});
