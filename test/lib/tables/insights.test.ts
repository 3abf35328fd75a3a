import { noFigures } from '../../../lib/insights/figures.ts';
import { store } from '../../../lib/insights/stored.ts';
import { insightsTable } from '../../../lib/tables/insights.ts';
import { database, makeTables, tableNamed } from '../../support/tables.ts';

const at = (time: string) => Date.parse(`${time}:00Z`);
const empty = store(noFigures(), () => []);
const found = async (from: string, to: string) => {
  const hours: string[] = [];
  for await (const { hour } of rows().between(at(from), at(to))) hours.push(new Date(hour).toISOString().slice(0, 13));
  return hours;
};
const rows = () => insightsTable(database(), tableNamed('insights'));

beforeAll(async () => {
  await makeTables();
  for (const hour of ['2026-10-31T23:00', '2026-11-01T00:00', '2026-11-01T09:00', '2026-11-12T22:00']) {
    await rows().put({ hour: at(hour), figures: empty });
  }
});

describe('the hours between two times', () => {
  it.each([
    ['2026-10-31T23:00', '2026-11-01T00:00', ['2026-10-31T23']],
    ['2026-11-01T00:00', '2026-11-01T09:00', ['2026-11-01T00']],
    ['2026-10-31T00:00', '2026-11-13T00:00', ['2026-10-31T23', '2026-11-01T00', '2026-11-01T09', '2026-11-12T22']],
    ['2026-11-01T10:00', '2026-11-12T22:00', []],
    ['2026-11-01T10:00', '2026-11-01T10:00', []],
  ])('from %s to %s are %j', async (from, to, expected) => {
    expect(await found(from, to)).toEqual(expected);
  });

  it('come with their figures, the last that were put', async () => {
    const hour = at('2026-12-01T05:00');
    const figures = noFigures();
    figures.messages.set('text', 3);
    await rows().put({ hour, figures: empty });
    await rows().put({ hour, figures: store(figures, () => []) });
    const all = [];
    for await (const row of rows().between(hour, hour + 1)) all.push(row);
    expect(all).toEqual([{ hour, figures: store(figures, () => []) }]);
  });
});
