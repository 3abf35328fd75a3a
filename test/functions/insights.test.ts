import { handler, insights } from '../../functions/insights/handler.ts';
import { rollup } from '../../functions/rollup/handler.ts';
import { endpoint } from '../../lib/http/endpoint.ts';
import type { Behaviour } from '../../lib/insights/behaviour.ts';
import type { Operator } from '../../lib/operators/permissions.ts';
import { auditTable } from '../../lib/tables/audit.ts';
import { insightsTable } from '../../lib/tables/insights.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import { draw, interactionsBetween, made } from '../lib/insights/at-random.ts';
import { byHand, inOneOrder } from '../lib/insights/by-hand.ts';
import { call } from '../support/events.ts';
import { HASHES } from '../support/hashes.ts';
import { database, makeTables, put, tableNamed } from '../support/tables.ts';

type Period = { from: string; to: string };
type Report = {
  from: string;
  to: string;
  partial: boolean;
  periods: (Period & Record<string, unknown>)[];
  totals: Record<string, unknown>;
  preceding: Period & { totals: Record<string, unknown> };
};

const HOUR_MS = 3_600_000;
const db = database();
const audit = auditTable(db, tableNamed('audit'));
const rows = insightsTable(db, tableNamed('insights'));
const operator: Operator = {
  username: 'lin',
  display_name: 'Lin',
  administrator: false,
  must_change_password: false,
  permissions: ['insights:read'],
};
const historyAt = (now: () => number) =>
  history(db, tableNamed('interactions'), { shards: 2, retentionDays: undefined, now });

const authenticate = async (token: string) =>
  token === 'reader' ? operator : token === 'nobody' ? { ...operator, permissions: [] } : undefined;

/** The endpoint at a moment; `ticking` is how long it thinks each look at the clock takes. */
const handlerAt = (time: number, ticking = 0) => {
  let looks = 0;
  const now = () => time + ticking * looks++;
  return endpoint(insights({ history: historyAt(() => time), hashes: HASHES, rows, now }), {
    authenticate,
    now: () => time,
    audit,
  });
};
const ask = async (time: number, query: Record<string, string> | string, ticking = 0) => {
  const answer = await call(handlerAt(time, ticking), 'GET /api/v0.1/insights', { query, token: 'reader' });
  return { ...answer, report: answer.json as Report };
};
const rollUpAt = (time: number) =>
  rollup({ history: historyAt(() => time), hashes: HASHES, rows, now: () => time })(
    {},
    { getRemainingTimeInMillis: () => 600_000 },
  );
const message = { direction: 'in', kind: 'text', details: { content: '价格' } } as const;
const ms = Date.parse;

/** The figures alone, to be compared with those by hand. */
const figuresIn = ({ from: _, to: __, ...figures }: Record<string, unknown>) => inOneOrder(figures);
const expectedFor = (all: readonly Behaviour[], { from, to }: Period) => inOneOrder(byHand(all, ms(from), ms(to)));

beforeAll(makeTables);

describe('figures equal a count by hand', () => {
  it.each([
    { seed: 1, start: '2026-02-01', by: 'day', timezone: 'Asia/Shanghai', periods: 4 },
    { seed: 2, start: '2026-03-05', by: 'day', timezone: 'America/New_York', periods: 4 },
    { seed: 3, start: '2026-10-24', by: 'day', timezone: 'Europe/Berlin', periods: 3 },
    { seed: 4, start: '2026-05-01', by: 'hour', timezone: '-03:00', periods: 66 },
    { seed: 5, start: '2026-06-06', by: 'week', timezone: 'UTC', periods: 2 },
  ])('by $by in $timezone, rolled up or live (days from $start)', async ({ seed, start, by, timezone, periods }) => {
    const first = ms(`${start}T00:00Z`);
    const all = draw(interactionsBetween(first, first + 67 * HOUR_MS - 1, 500), seed);
    await put('interactions', all);
    const now = first + 66 * HOUR_MS + 7 * 60_000;
    const seen = all.filter(({ received }) => Number(received.slice(0, 13)) <= now + 1_000);
    const query = { from: `${start}T00:00Z`, to: new Date(first + 66 * HOUR_MS).toISOString(), by, timezone };
    const live = await ask(now, query);
    expect(live.status).toBe(200);
    await rollUpAt(now);
    const { report } = await ask(now, query);
    expect(report).toEqual(live.report);
    expect(report.partial).toBe(false);
    expect(report.periods).toHaveLength(periods);
    for (const period of report.periods) expect(figuresIn(period)).toEqual(expectedFor(seen, period));
    expect(figuresIn(report.totals)).toEqual(expectedFor(seen, report));
  });

  it('up to now, with the preceding time of equal length beside it', async () => {
    const first = ms('2026-01-10T00:00Z');
    const all = draw(interactionsBetween(first, first + 48 * HOUR_MS, 400), 6);
    await put('interactions', all);
    await rollUpAt(first + 47 * HOUR_MS);
    const now = first + 47.5 * HOUR_MS;
    const seen = all.filter(({ received }) => Number(received.slice(0, 13)) <= now);
    const { report } = await ask(now, { from: '2026-01-11T00:00:00Z' });
    expect([report.from, report.to]).toEqual(['2026-01-11T00:00:00.000Z', '2026-01-12T00:00:00.000Z']);
    expect(figuresIn(report.totals)).toEqual(expectedFor(seen, report));
    expect(report.preceding).toMatchObject({ from: '2026-01-10T00:00:00.000Z', to: '2026-01-11T00:00:00.000Z' });
    expect(figuresIn(report.preceding.totals)).toEqual(expectedFor(seen, report.preceding));
    expect((report.totals.messages as { total: number }).total).toBeGreaterThan(20);
  });
});

describe('what is read live', () => {
  const hour = ms('2026-07-20T10:00:00Z');

  it('is what a lost row leaves out, and the hours not yet closed', async () => {
    const at = (hours: number, index: number) => made(message, 'o-1', hour + hours * HOUR_MS, 0, index);
    await put('interactions', [at(-100, 1), at(-1.5, 2), at(-0.5, 3), at(0.1, 4)]);
    await rollUpAt(hour);
    const { report } = await ask(hour + 0.2 * HOUR_MS, { from: '2026-07-16', by: 'day' });
    expect(report.totals).toMatchObject({ messages: { total: 4 }, followers: { active: 1 } });
    expect(report.partial).toBe(false);
  });

  it('is at most 20,000 interactions, the current hour first; then the answer says it is partial', async () => {
    const flooded = ms('2026-08-01T10:00:00Z');
    const reads: number[] = [];
    const flood = (from: number, to: number, most: number) =>
      async function* (readFrom: number, readTo: number) {
        if (readFrom >= to || readTo <= from) return;
        for (let index = 0; index < most; index++) {
          reads.push(from);
          yield made(message, `o-${index}`, from + index, 0, index);
        }
      };
    const [old, current] = [
      flood(flooded - 60 * HOUR_MS, flooded - 59 * HOUR_MS, 30_000),
      flood(flooded, flooded + HOUR_MS, 15_000),
    ];
    const between = async function* (from: number, to: number) {
      yield* old(from, to);
      yield* current(from, to);
    };
    const ports = {
      history: { between, ofFollowerBetween: async function* () {} },
      hashes: HASHES,
      rows,
      now: () => flooded + 600_000,
    };
    const handler = endpoint(insights(ports), { authenticate: async () => operator, now: ports.now, audit });
    const { json } = await call(handler, 'GET /api/v0.1/insights', {
      query: { from: '2026-07-30', by: 'day' },
      token: 'x',
    });
    const report = json as Report;
    expect(report.partial).toBe(true);
    expect(report.totals).toMatchObject({ messages: { total: 20_000 } });
    expect(report.periods.at(-1)).toMatchObject({ messages: { total: 15_000 } });
    expect(reads.length).toBe(20_001);
  });

  it('ends when time is up; then the answer says it is partial', async () => {
    const { report, status } = await ask(hour, { from: '2026-07-16', by: 'day' }, 5_000);
    expect([status, report.partial]).toEqual([200, true]);
  });
});

describe('texts', () => {
  it('are listed once a third follower sent them, with the counts of all hours', async () => {
    const day = ms('2026-09-02T00:00:00Z');
    const said = (hours: number, who: string, index: number) => made(message, who, day + hours * HOUR_MS, 0, index);
    await put('interactions', [said(1, 'o-a', 1), said(2, 'o-a', 2), said(9, 'o-b', 3)]);
    await rollUpAt(day + 12 * HOUR_MS);
    const query = { from: '2026-09-02', by: 'day', timezone: 'UTC' };
    expect((await ask(day + 12 * HOUR_MS, query)).report.totals.texts).toEqual([]);
    await put('interactions', [said(12, 'o-c', 4)]);
    const listed = [{ text: '价格', count: 4 }];
    expect((await ask(day + 12.1 * HOUR_MS, query)).report.totals.texts).toEqual(listed);
    await rollUpAt(day + 14 * HOUR_MS);
    expect((await ask(day + 14 * HOUR_MS, query)).report.totals.texts).toEqual(listed);
  });
});

describe('what is asked', () => {
  const now = ms('2026-11-22T13:20:00Z');

  it('is by default the last seven days in Shanghai, by day', async () => {
    const { report } = await ask(now, {});
    expect(report).toMatchObject({ by: 'day', timezone: 'Asia/Shanghai', to: '2026-11-22T14:00:00.000Z' });
    expect(report.from).toBe('2026-11-15T16:00:00.000Z');
    expect(report.periods.map(({ from }) => from.slice(8, 13))).toEqual([
      '15T16',
      '16T16',
      '17T16',
      '18T16',
      '19T16',
      '20T16',
      '21T16',
    ]);
  });

  it('may be written with a plus that the query string turns into a blank', async () => {
    const { report } = await ask(now, 'from=2026-11-22T00:00+08:00&to=2026-11-22T12:00%2B08:00&timezone=+08:00');
    expect([report.from, report.to]).toEqual(['2026-11-21T16:00:00.000Z', '2026-11-22T04:00:00.000Z']);
  });

  it('is taken outward to whole hours', async () => {
    const { report } = await ask(now, { from: '2026-11-22T03:59:59Z', to: '2026-11-22T04:00:01Z', by: 'hour' });
    expect(report.periods.map(({ from, to }) => [from.slice(11, 13), to.slice(11, 13)])).toEqual([
      ['03', '04'],
      ['04', '05'],
    ]);
  });

  it.each([
    ['31 days by the hour', { from: '2026-10-01', to: '2026-11-01', by: 'hour' }, 744],
    ['400 days by the week', { from: '2025-01-01', to: '2026-02-05', by: 'week' }, 58],
  ])('may be %s', async (_, query, periods) => {
    const nothing = { between: async function* () {}, ofFollowerBetween: async function* () {} };
    const quiet = endpoint(insights({ history: nothing, hashes: HASHES, rows, now: () => now }), {
      authenticate,
      now: () => now,
      audit,
    });
    const { status, json } = await call(quiet, 'GET /api/v0.1/insights', { query, token: 'reader' });
    expect(status).toBe(200);
    expect((json as Report).periods).toHaveLength(periods);
  });

  it.each([
    [{ from: '2026-10-01', to: '2026-11-01T01:00+08:00', by: 'hour' }, 'from: by hour, at most 31 days before to'],
    [{ from: '2025-01-01', to: '2026-02-06' }, 'from: by day, at most 400 days before to'],
    [{ from: '2026-11-22', to: '2026-11-22' }, 'from: must be before to'],
    [{ from: 'last week' }, 'from: must be ISO 8601, a day or a time with its offset from UTC'],
    [{ to: '2026-02-30' }, 'to: must be ISO 8601, a day or a time with its offset from UTC'],
    [{ by: 'month' }, 'by: must be hour, day or week'],
    [{ timezone: 'Asia/Kolkata' }, 'timezone: the zone is not whole hours from UTC at '],
    [{ timezone: '+08:30' }, 'timezone: must be a zone such as Asia/Shanghai, or whole hours as +08:00'],
    [{ tz: 'UTC' }, 'tz'],
  ])('is refused: %j', async (query, detail) => {
    const { status, json } = await ask(now, query as Record<string, string>);
    expect(status).toBe(400);
    expect(json).toMatchObject({ errcode: -1, errmsg: '参数缺失或参数错误' });
    expect((json as { detail: string }).detail).toContain(detail);
  });

  it.each([
    ['reader', 200],
    ['nobody', 403],
    ['forged', 401],
  ])('by %s is answered %i', async (token, status) => {
    expect((await call(handlerAt(now), 'GET /api/v0.1/insights', { token })).status).toBe(status);
  });

  it('is nothing to who is not signed in, as deployed', async () => {
    expect(handler.routes.map(({ key, access }) => [key, access])).toEqual([['GET /insights', 'insights:read']]);
    expect((await call(handler, 'GET /api/v0.1/insights')).status).toBe(401);
  });
});
