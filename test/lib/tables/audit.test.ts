import { type AuditEntry, type AuditPage, type AuditTableQuery, auditTable } from '../../../lib/tables/audit.ts';
import { database, makeTables, put, tableNamed } from '../../support/tables.ts';

const NOVEMBER = Date.parse('2026-11-22T08:00:00.000Z');

const audit = auditTable(database(), tableNamed('audit'));

const anEntry = (but: Partial<AuditEntry> = {}): AuditEntry => ({
  at: NOVEMBER,
  operator: 'ming',
  action: 'PUT /cgi-bin/user/remark',
  target: 'ocYxcuAEy30bX0NXmGn4ypqx3tI0',
  status: 200,
  errcode: 0,
  request_id: 'request-1',
  address: '203.0.113.7',
  ...but,
});

/** Every page of a question, and all of their entries. */
async function walk(question: Omit<AuditTableQuery<'changes'>, 'before'> & { before: number }) {
  const pages: (readonly AuditEntry[])[] = [];
  for (let before: number | string | undefined = question.before; before !== undefined; ) {
    const page: AuditPage = await audit.newestFirst({ ...question, before });
    pages.push(page.entries);
    before = page.before;
  }
  return { pages, entries: pages.flat() };
}

beforeAll(makeTables);

it('gives an entry back as it was appended', async () => {
  await audit.append(anEntry({ at: NOVEMBER + 123 }));
  const { entries } = await audit.newestFirst({ from: NOVEMBER, before: NOVEMBER + 1000, limit: 10 });
  expect(entries).toEqual([anEntry({ at: NOVEMBER + 123 })]);
});

it('keeps the first of two entries with one key', async () => {
  const at = Date.parse('2020-01-01T00:00:00Z');
  const sameId = auditTable(database(), tableNamed('audit'), { newId: () => 'same' });
  await sameId.append(anEntry({ at, operator: 'first' }));
  await sameId.append(anEntry({ at, operator: 'second' }));
  expect((await walk({ from: at, before: at + 1, limit: 10 })).entries).toEqual([anEntry({ at, operator: 'first' })]);
});

it('keeps two entries of one millisecond', async () => {
  const at = Date.parse('2020-02-01T00:00:00Z');
  await Promise.all([audit.append(anEntry({ at })), audit.append(anEntry({ at }))]);
  expect((await walk({ from: at, before: at + 1, limit: 1 })).entries).toHaveLength(2);
});

describe('a walk across months', () => {
  const TIMES = [
    '2024-11-30T23:59:59.999Z',
    '2024-12-01T00:00:00.000Z',
    '2024-12-31T23:59:59.999Z',
    '2025-03-01T00:00:00.000Z',
    '2025-03-31T12:00:00.000Z',
  ].map((time) => Date.parse(time));
  const [earliest = 0, firstOfDecember = 0, , firstOfMarch = 0, latest = 0] = TIMES;

  beforeAll(async () => {
    for (const [at, time] of TIMES.entries()) {
      await audit.append(anEntry({ at: time, operator: at % 2 === 0 ? 'ming' : 'hong', action: `POST /${at}` }));
    }
  });

  it.each([1, 2, 3, 100])('sees each entry once, newest first, %i a page', async (limit) => {
    const { entries, pages } = await walk({ from: earliest, before: latest + 1, limit });
    expect(entries.map(({ at }) => at)).toEqual([...TIMES].reverse());
    expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(limit);
  });

  it.each<[string, { from: number; before: number }, number]>([
    ['from its very moment', { from: firstOfDecember, before: latest + 1 }, 4],
    ['not before the first', { from: earliest + 1, before: latest + 1 }, 4],
    ['until before the last', { from: earliest, before: latest }, 4],
    ['of one moment alone', { from: firstOfMarch, before: firstOfMarch + 1 }, 1],
    ['of no time at all', { from: firstOfMarch, before: firstOfMarch }, 0],
    ['of times the wrong way round', { from: latest, before: earliest }, 0],
  ])('takes those %s', async (_, times, count) => {
    expect((await walk({ ...times, limit: 2 })).entries).toHaveLength(count);
  });

  it('takes those of one operator, of one action, and of both', async () => {
    const times = { from: earliest, before: latest + 1, limit: 1 };
    const of = async (filter: object) => (await walk({ ...times, ...filter })).entries.map(({ action }) => action);
    expect(await of({ operator: 'hong' })).toEqual(['POST /3', 'POST /1']);
    expect(await of({ action: 'POST /4' })).toEqual(['POST /4']);
    expect(await of({ operator: 'hong', action: 'POST /4' })).toEqual([]);
  });

  it('does not show twice or skip what was there when others are appended meanwhile', async () => {
    const first = await audit.newestFirst({ from: earliest, before: latest + 1000, limit: 2 });
    await audit.append(anEntry({ at: latest + 1 }));
    const rest = await walk({ from: earliest, before: first.before as unknown as number, limit: 2 });
    expect([...first.entries, ...rest.entries].map(({ at }) => at)).toEqual([...TIMES].reverse());
  });
});

it('answers within two hundred queries, however long the time that is asked for', async () => {
  const page = await audit.newestFirst({ from: 0, before: Date.parse('1999-01-01T00:00:00Z'), limit: 10 });
  expect(page).toEqual({ entries: [], before: '1982-05-01T00:00:00.000Z' });
});

it('reads at most two thousand entries a call, and goes on from there', async () => {
  const start = Date.parse('2021-06-01T00:00:00Z');
  const busy = Array.from({ length: 2_100 }, (_, at) => ({
    ...anEntry({ operator: 'busy' }),
    month: '2021-06',
    at: `${new Date(start + at).toISOString()}#busy`,
  }));
  await put('audit', busy);
  await audit.append(anEntry({ at: start - 1, operator: 'rare' }));
  const question = { from: start - 1, operator: 'rare', limit: 10 };
  const first = await audit.newestFirst({ ...question, before: start + 2_100 });
  expect(first.entries).toEqual([]);
  const second = await audit.newestFirst({ ...question, before: first.before ?? 0 });
  expect(second.entries).toEqual([anEntry({ at: start - 1, operator: 'rare' })]);
  expect(first.before?.slice(0, 24)).toBe(new Date(start + 100).toISOString());
});
