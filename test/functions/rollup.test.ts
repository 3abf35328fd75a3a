import { rollup } from '../../functions/rollup/handler.ts';
import { read, type StoredFigures } from '../../lib/insights/stored.ts';
import { summary } from '../../lib/insights/summary.ts';
import { type HourRow, insightsTable } from '../../lib/tables/insights.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import { draw, interactionsBetween, made } from '../lib/insights/at-random.ts';
import { byHand, inOneOrder } from '../lib/insights/by-hand.ts';
import { HASHES } from '../support/hashes.ts';
import { database, makeTables, put, tableNamed } from '../support/tables.ts';

const HOUR_MS = 3_600_000;
const PLENTY = { getRemainingTimeInMillis: () => 600_000 };
const db = database();
const rows = insightsTable(db, tableNamed('insights'));

/** The function at a moment, over the embedded tables. */
const at = (time: string | number, over: Partial<typeof rows> = {}) => {
  const now = () => (typeof time === 'number' ? time : Date.parse(time));
  const interactions = history(db, tableNamed('interactions'), { shards: 2, retentionDays: undefined, now });
  return rollup({ history: interactions, hashes: HASHES, rows: { ...rows, ...over }, now });
};
const rowsBetween = async (from: number, to: number): Promise<HourRow[]> => {
  const found: HourRow[] = [];
  for await (const row of rows.between(from, to)) found.push(row);
  return found;
};
/** Puts rows as ever, and tells of it. */
const putting = (tell: (hour: number) => void) => ({
  put: async (row: HourRow) => {
    tell(row.hour);
    await rows.put(row);
  },
});
const text = (content: string) => ({ direction: 'in', kind: 'text', details: { content } }) as const;

beforeAll(makeTables);

describe('rollup', () => {
  it('sums up every closed hour of the last three days, each as counted by hand', async () => {
    const end = Date.parse('2026-03-04T00:00:00Z');
    const all = draw(interactionsBetween(end - 72 * HOUR_MS, end, 500), 11);
    await put('interactions', all);
    await at(end + 20 * 60_000)({}, PLENTY);
    const found = await rowsBetween(end - 80 * HOUR_MS, end + HOUR_MS);
    expect(found.map(({ hour }) => hour)).toEqual(Array.from({ length: 72 }, (_, hour) => end - (72 - hour) * HOUR_MS));
    for (const { hour, figures } of found) {
      const { texts: _, ...counted } = inOneOrder(summary(read(figures))) as Record<string, unknown>;
      const { texts: __, ...expected } = inOneOrder(byHand(all, hour, hour + HOUR_MS)) as Record<string, unknown>;
      expect(counted).toEqual(expected);
    }
  });

  it('closes an hour a quarter after its end, not before', async () => {
    const hour = Date.parse('2026-05-01T08:00:00Z');
    await at('2026-05-01T09:14:59Z')({}, PLENTY);
    expect(await rowsBetween(hour, hour + HOUR_MS)).toEqual([]);
    await at('2026-05-01T09:15:00Z')({}, PLENTY);
    expect(await rowsBetween(hour, hour + HOUR_MS)).toHaveLength(1);
  });

  it('finds the same figures when it is run again', async () => {
    const end = Date.parse('2026-06-10T12:00:00Z');
    await put('interactions', draw(interactionsBetween(end - 72 * HOUR_MS, end, 300), 12));
    await at(end + 20 * 60_000)({}, PLENTY);
    const before = await rowsBetween(end - 72 * HOUR_MS, end);
    const again: HourRow[] = [];
    const forgotten = { between: async function* () {}, put: async (row: HourRow) => void again.push(row) };
    await at(end + 20 * 60_000, forgotten)({}, PLENTY);
    expect(again).toEqual(before);
    expect(again.some(({ figures }) => figures.answers > 0)).toBe(true);
  });

  it('leaves what it has summed up alone', async () => {
    const puts: number[] = [];
    const counting = { put: async (row: HourRow) => void puts.push(row.hour) };
    await at('2026-05-01T12:20:00Z')({}, PLENTY);
    await at('2026-05-01T12:40:00Z', counting)({}, PLENTY);
    expect(puts).toEqual([]);
    await at('2026-05-01T13:20:00Z', counting)({}, PLENTY);
    expect(puts).toEqual([Date.parse('2026-05-01T12:00:00Z')]);
  });

  it('makes up for missed runs, oldest first, and no further back than three days', async () => {
    const puts: string[] = [];
    const noting = putting((hour) => puts.push(new Date(hour).toISOString()));
    await at('2026-05-02T12:20:00Z')({}, PLENTY);
    await at('2026-05-02T18:20:00Z', noting)({}, PLENTY);
    expect(puts.map((hour) => hour.slice(11, 13))).toEqual(['12', '13', '14', '15', '16', '17']);
    puts.length = 0;
    await at('2026-05-12T18:20:00Z', noting)({}, PLENTY);
    expect([puts.length, puts[0], puts.at(-1)]).toEqual([72, '2026-05-09T18:00:00.000Z', '2026-05-12T17:00:00.000Z']);
  });

  it('stops before its time is up; the next run goes on', async () => {
    const puts: number[] = [];
    const noting = putting((hour) => puts.push(hour));
    const hurried = { getRemainingTimeInMillis: () => 600_000 - puts.length * 100_000 };
    await at('2026-09-01T12:20:00Z', noting)({}, hurried);
    expect(puts).toHaveLength(5);
    await at('2026-09-01T12:21:00Z', noting)({}, PLENTY);
    expect(puts).toHaveLength(72);
    expect(new Set(puts).size).toBe(72);
  });

  it('goes on past an hour that fails, fails itself, and mends it next time', async () => {
    const bad = Date.parse('2026-05-12T20:00:00Z');
    const failing = {
      put: (row: HourRow) => (row.hour === bad ? Promise.reject(new Error('no room')) : rows.put(row)),
    };
    await expect(at('2026-05-12T23:20:00Z', failing)({}, PLENTY)).rejects.toThrow('1 hours could not be rolled up');
    expect(await rowsBetween(bad - HOUR_MS, bad + 2 * HOUR_MS)).toHaveLength(2);
    await at('2026-05-12T23:21:00Z')({}, PLENTY);
    expect(await rowsBetween(bad - HOUR_MS, bad + 2 * HOUR_MS)).toHaveLength(3);
  });

  it('makes anew the rows that were counted differently', async () => {
    const hour = Date.parse('2026-05-13T09:00:00Z');
    const [row] = await rolledUp(hour);
    await rows.put({ hour, figures: { ...row, version: 0, answers: 9 } as unknown as StoredFigures });
    const [again] = await rolledUp(hour);
    expect(again).toMatchObject({ version: 2, answers: 0 });
  });

  it('counts what arrives late in the hour it arrives in', async () => {
    const hour = Date.parse('2026-05-13T14:00:00Z');
    await put('interactions', [made(text('late'), 'o-late', hour + 5, 7_200, 1)]);
    const [row] = await rolledUp(hour);
    const [earlier] = await rolledUp(hour - 2 * HOUR_MS);
    expect([row?.messages, earlier?.messages]).toEqual([[['text', 1]], []]);
  });

  it('keeps a text from the hour in which its third follower within a week sends it', async () => {
    const hour = Date.parse('2026-05-15T20:00:00Z');
    const said = (hours: number, who: string, what: string) => made(text(what), who, hour + hours * HOUR_MS, 0, hours);
    await put('interactions', [
      ...[said(-168, 'o-a', 'common'), said(-3, 'o-b', 'common'), said(0, 'o-c', 'common')],
      ...[said(-169, 'o-d', 'rare'), said(-3, 'o-e', 'rare'), said(0, 'o-f', 'rare')],
    ]);
    await rolledUp(hour - 168 * HOUR_MS);
    await rolledUp(hour);
    const found = await rowsBetween(hour - 169 * HOUR_MS, hour + HOUR_MS);
    const rowsWith = (what: string) => found.filter(({ figures }) => JSON.stringify(figures).includes(what));
    const spoken = found
      .filter(({ figures }) => figures.texts.entries.length > 0)
      .map((row) => (row.hour - hour) / HOUR_MS);
    expect(spoken).toEqual(expect.arrayContaining([-169, -168, -3, 0]));
    expect(rowsWith('common').map((row) => row.hour)).toEqual([hour]);
    expect(rowsWith('rare')).toEqual([]);
  });
});

async function rolledUp(hour: number): Promise<StoredFigures[]> {
  await at(hour + HOUR_MS + 20 * 60_000)({}, PLENTY);
  return (await rowsBetween(hour, hour + HOUR_MS)).map(({ figures }) => figures);
}
