import { recover } from '../../commands/recover.ts';
import { insights } from '../../functions/insights/handler.ts';
import { rollup } from '../../functions/rollup/handler.ts';
import { endpoint } from '../../lib/http/endpoint.ts';
import type { Behaviour } from '../../lib/insights/behaviour.ts';
import { type Hashes, hashesUnder } from '../../lib/insights/sketches/hash.ts';
import { staleHours } from '../../lib/insights/stale.ts';
import type { Operator } from '../../lib/operators/permissions.ts';
import { seal } from '../../lib/platform/seal.ts';
import { auditTable } from '../../lib/tables/audit.ts';
import { type HourRow, insightsTable } from '../../lib/tables/insights.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import { draw, interactionsBetween, made } from '../lib/insights/at-random.ts';
import { byHand, inOneOrder } from '../lib/insights/by-hand.ts';
import { call } from '../support/events.ts';
import { HASHES } from '../support/hashes.ts';
import { RECOVERY_KEY, recovery } from '../support/recovery.ts';
import { database, makeTables, put, tableNamed } from '../support/tables.ts';
import { everyInteraction } from '../support/webhook.ts';

const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;
const db = database();
const rows = insightsTable(db, tableNamed('insights'));
const historyAt = (time: number) =>
  history(db, tableNamed('interactions'), { shards: 2, retentionDays: undefined, now: () => time });
const operator: Operator = {
  username: 'lin',
  display_name: 'Lin',
  administrator: true,
  permissions: [],
  must_change_password: false,
};

const rollUpAt = (
  time: number,
  { hashes = HASHES, over = {} }: { hashes?: Hashes; over?: Partial<typeof rows> } = {},
) =>
  rollup({ history: historyAt(time), hashes, rows: { ...rows, ...over }, now: () => time })(
    {},
    { getRemainingTimeInMillis: () => 600_000 },
  );

type Report = { partial: boolean; totals: Record<string, unknown>; periods: Record<string, unknown>[] };

async function reportAt(time: number, from: number, to: number, hashes = HASHES): Promise<Report> {
  const ports = { history: historyAt(time), hashes, rows, now: () => time };
  const audit = auditTable(db, tableNamed('audit'));
  const handler = endpoint(insights(ports), { authenticate: async () => operator, now: () => time, audit });
  const query = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), by: 'hour', timezone: 'UTC' };
  const { json } = await call(handler, 'GET /api/v0.1/insights', { query, token: 'x' });
  return json as Report;
}

async function expectCountByHand(time: number, from: number, to: number): Promise<Report> {
  const all = (await everyInteraction()) as Behaviour[];
  const report = await reportAt(time, from, to);
  expect(report.partial).toBe(false);
  for (const [index, { from: _, to: __, ...figures }] of report.periods.entries()) {
    const start = from + index * HOUR_MS;
    expect(inOneOrder(figures)).toEqual(inOneOrder(byHand(all, start, start + HOUR_MS)));
  }
  expect(inOneOrder(report.totals)).toEqual(inOneOrder(byHand(all, from, to)));
  return report;
}

/** A sealed line of a text that could not be recorded when it came. */
const sealedText = async (openid: string, at: number, content: string) => {
  const delivery = { to: 'gh', from: openid, createTime: Math.floor(at / 1000), type: 'text', id: `${at}`, content };
  const taken = { sortKey: `${Math.floor(at / 1000)}#${openid}${at}`, receivedAt: at, kind: 'text', reply: null };
  return `{"sealed":"${await seal(RECOVERY_KEY, { delivery, taken })}"}`;
};
const recoverAt = (time: number, lines: readonly string[], over = {}) =>
  recover(
    recovery(over, () => time),
    (async function* () {
      yield* lines;
    })(),
  );
const rowsBetween = async (from: number, to: number): Promise<HourRow[]> => {
  const found: HourRow[] = [];
  for await (const row of rows.between(from, to)) found.push(row);
  return found;
};
const text = (content: string) => ({ direction: 'in', kind: 'text', details: { content } }) as const;
const answer = { direction: 'out', kind: 'text', details: {}, operator: 'lin' } as const;

beforeAll(makeTables);

describe('what is recovered into closed hours', () => {
  const first = Date.parse('2026-03-01T00:00:00Z');
  const end = first + 60 * HOUR_MS;

  it('is counted at once, and summed up a quarter of an hour later: as a count by hand', async () => {
    await put('interactions', draw(interactionsBetween(first, end, 300), 21));
    await rollUpAt(end + 20 * 60_000);
    const now = end + HOUR_MS;
    const lines = await Promise.all(
      [3, 7.5, 7.6, 31, 59.9].map((hours, at) =>
        sealedText(`o-${at + 1}`, first + hours * HOUR_MS, at % 2 ? '价格' : '新的'),
      ),
    );
    expect(await recoverAt(now, lines)).toMatchObject({ recorded: 5 });

    await expectCountByHand(now, first, end);
    expect((await rows.marks()).length).toBeGreaterThanOrEqual(4);

    await rollUpAt(now + QUARTER_MS);
    expect(await rows.marks()).toEqual([]);
    await expectCountByHand(now + QUARTER_MS, first, end);
  });

  it('is counted however old the hour is', async () => {
    const now = end + 50 * 24 * HOUR_MS;
    expect(await recoverAt(now, [await sealedText('o-old', first + HOUR_MS, 'old')])).toMatchObject({ recorded: 1 });
    await expectCountByHand(now, first, end);
    await rollUpAt(now + HOUR_MS);
    expect(await rows.marks()).toEqual([]);
    await expectCountByHand(now + HOUR_MS, first, end);
  });

  it('changes how long the follower waited for the answer, also in the hour of the answer', async () => {
    const start = Date.parse('2026-05-10T00:00:00Z');
    await put('interactions', [
      made(text('second'), 'o-waits', start + 30 * HOUR_MS, 0, 1),
      made(answer, 'o-waits', start + 31 * HOUR_MS, 0, 2),
    ]);
    await rollUpAt(start + 40 * HOUR_MS);
    await recoverAt(start + 41 * HOUR_MS, [await sealedText('o-waits', start + HOUR_MS, 'first')]);
    const { totals } = await expectCountByHand(start + 41 * HOUR_MS, start, start + 40 * HOUR_MS);
    expect(totals.first_answers).toMatchObject({ count: 1, median_seconds: 30 * 3_600 });
    await rollUpAt(start + 42 * HOUR_MS);
    await expectCountByHand(start + 42 * HOUR_MS, start, start + 40 * HOUR_MS);
  });

  it('may bring the third follower of a text before the other two', async () => {
    const start = Date.parse('2026-06-10T00:00:00Z');
    await put('interactions', [
      made(text('几点开门'), 'o-a', start + 20 * HOUR_MS, 0, 1),
      made(text('几点开门'), 'o-b', start + 30 * HOUR_MS, 0, 2),
    ]);
    await rollUpAt(start + 40 * HOUR_MS);
    await recoverAt(start + 41 * HOUR_MS, [await sealedText('o-c', start + HOUR_MS, '几点开门')]);
    await rollUpAt(start + 42 * HOUR_MS);
    const { totals } = await expectCountByHand(start + 42 * HOUR_MS, start, start + 40 * HOUR_MS);
    expect(totals.texts).toEqual([{ text: '几点开门', count: 3 }]);
  });
});

describe('a mark', () => {
  const hour = Date.parse('2026-07-01T10:00:00Z');
  const now = hour + 5 * HOUR_MS;
  const marked = async () => (await rows.marks()).map((mark) => mark.hour);

  it('is there before the write, so that a crash between costs a summing up and nothing else', async () => {
    await rollUpAt(now);
    const marksAtTheWrite: number[] = [];
    const dying = {
      ...recovery().record,
      message: async () => {
        marksAtTheWrite.push(...(await marked()));
        throw new Error('killed');
      },
    };
    await expect(recoverAt(now, [await sealedText('o-1', hour, 'x')], { record: dying })).rejects.toThrow('killed');
    expect(marksAtTheWrite).toEqual([hour]);
    expect(await marked()).toEqual([hour]);
    await rollUpAt(now + HOUR_MS);
    expect(await marked()).toEqual([]);
  });

  it('outlasts a rollup that reads the hour before what it was set for is written', async () => {
    const writing = {
      ...recovery().record,
      message: async (...args: Parameters<ReturnType<typeof recovery>['record']['message']>) => {
        await rollUpAt(now + 60_000);
        return recovery().record.message(...args);
      },
    };
    await recoverAt(now, [await sealedText('o-between', hour, 'between')], { record: writing });
    await expectCountByHand(now + 60_000, hour, hour + HOUR_MS);
    await rollUpAt(now + HOUR_MS);
    await expectCountByHand(now + HOUR_MS, hour, hour + HOUR_MS);
    expect(await marked()).toEqual([]);
  });

  it('that is set anew while its hour is summed up stays', async () => {
    await rows.mark(hour, now);
    const put = async (row: HourRow) => {
      await rows.put(row);
      if (row.hour === hour) await rows.mark(hour, now + HOUR_MS);
    };
    await rollUpAt(now + HOUR_MS, { over: { put } });
    expect(await marked()).toEqual([hour]);
    await rollUpAt(now + 2 * HOUR_MS);
    expect(await marked()).toEqual([]);
  });

  it('is set again after a write that took so long that the rollup may have taken it away', async () => {
    let time = now;
    const set: number[] = [];
    const stale = staleHours({ mark: async (_, at) => void set.push(at) }, () => time);
    await stale.around([hour, hour + 1], async () => undefined);
    await stale.around([hour], async () => undefined);
    await stale.around([hour], async () => {
      time += QUARTER_MS;
    });
    expect(set).toEqual([now, now + QUARTER_MS]);
  });

  it('of an hour of which something has expired leaves its figures as they are', async () => {
    const at = Date.parse('2026-08-01T10:00:00Z');
    const expiring = { ...made(text('soon gone'), 'o-gone', at + 5, 0, 1), expires_at: at / 1000 + 200 * 3_600 };
    await put('interactions', [expiring, made(text('stays'), 'o-stays', at + 6, 0, 2)]);
    await rollUpAt(at + 2 * HOUR_MS);
    const before = await rowsBetween(at, at + HOUR_MS);
    const later = at + 201 * HOUR_MS;
    await rows.mark(at, later);
    const { totals } = await reportAt(later, at, at + HOUR_MS);
    expect(totals.messages).toMatchObject({ total: 2 });
    await rollUpAt(later + HOUR_MS);
    expect(await rowsBetween(at, at + HOUR_MS)).toEqual(before);
    expect(await marked()).toEqual([]);
  });
});

describe('a change of pseudonymKey', () => {
  const start = Date.parse('2026-09-01T00:00:00Z');
  const before = hashesUnder('the pseudonym key before, of the tests, 40 bytes');

  it('leaves every count as it was; whoever was active on both sides may be counted twice, which is said', async () => {
    const said = (hours: number, who: string, index: number) =>
      made(text('价格'), who, start + hours * HOUR_MS, 0, index);
    await put('interactions', [
      ...['o-1', 'o-2', 'o-3', 'o-4'].map((who, index) => said(1, who, index)),
      ...['o-1', 'o-2'].map((who, index) => said(5, who, 10 + index)),
    ]);
    await rollUpAt(start + 4 * HOUR_MS, { hashes: before });
    await rollUpAt(start + 8 * HOUR_MS);
    const [one, other] = await Promise.all([
      rowsBetween(start + HOUR_MS, start + 2 * HOUR_MS),
      rowsBetween(start + 5 * HOUR_MS, start + 6 * HOUR_MS),
    ]);
    expect([one[0]?.figures.key, other[0]?.figures.key]).toEqual([before.key, HASHES.key]);
    const { totals, periods } = await reportAt(start + 8 * HOUR_MS, start, start + 8 * HOUR_MS);
    expect(totals).toMatchObject({
      messages: { total: 6 },
      followers: { active: 6 },
      approximate: { 'followers.active': { over_by_at_most: 2 } },
    });
    expect(periods[1]).toMatchObject({ followers: { active: 4 } });
    expect(periods[5]).toMatchObject({ followers: { active: 2 } });
    expect(periods.some((period) => 'approximate' in period)).toBe(false);
  });

  it('never shows a text that only two followers sent, though they have four hashes', async () => {
    const day = start + 20 * 24 * HOUR_MS;
    const said = (hours: number, who: string, index: number) =>
      made(text('悄悄话'), who, day + hours * HOUR_MS, 0, index);
    await put('interactions', [said(1, 'o-1', 1), said(1, 'o-2', 2), said(5, 'o-1', 3), said(5, 'o-2', 4)]);
    await rollUpAt(day + 4 * HOUR_MS, { hashes: before });
    await rollUpAt(day + 8 * HOUR_MS);
    const { totals } = await reportAt(day + 8 * HOUR_MS, day, day + 8 * HOUR_MS);
    expect(totals.texts).toEqual([]);
    const all = JSON.stringify(await rowsBetween(day, day + 8 * HOUR_MS));
    expect(all).not.toContain('悄悄话');
  });
});
