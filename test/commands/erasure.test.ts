import { readdirSync, readFileSync } from 'node:fs';
import { PutCommand, paginateScan, type ScanCommandOutput } from '@aws-sdk/lib-dynamodb';
import { textOf } from '../../commands/follower-data/names.ts';
import { PLACES, type Table } from '../../commands/follower-data/places.ts';
import { followerRecords } from '../../commands/follower-data/records.ts';
import { runFollowerData } from '../../commands/follower-data.ts';
import { recover } from '../../commands/recover.ts';
import { localStage } from '../../commands/stage.ts';
import { pseudonym } from '../../functions/webhook/log-delivery.ts';
import { hourOf } from '../../lib/insights/hours.ts';
import { rollUp } from '../../lib/insights/roll-up.ts';
import { hashesUnder } from '../../lib/insights/sketches/hash.ts';
import type { Interaction } from '../../lib/interactions/interaction.ts';
import { seal } from '../../lib/platform/seal.ts';
import { DAY_MS, erasuresTable, LOG_DAYS } from '../../lib/tables/erasures.ts';
import { insightsTable } from '../../lib/tables/insights.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import type { Lost } from '../../lib/tables/interactions/record-delivery.ts';
import { pendingTable } from '../../lib/tables/pending.ts';
import { slowRepliesTable } from '../../lib/tables/slow-replies.ts';
import { tableDefinitions } from '../../local/tables.ts';
import { NOW } from '../support/callback.ts';
import { HASHES } from '../support/hashes.ts';
import { anInteraction } from '../support/interactions.ts';
import { RECOVERY_KEY, recovery } from '../support/recovery.ts';
import { database, makeTables, tableNamed } from '../support/tables.ts';

const db = database();
const HOUR_MS = 3_600_000;
const [LEFT, CAME] = ['event.unsubscribe', 'event.subscribe'];
const TABLES = Object.keys(PLACES) as Table[];
const YESTERDAY = NOW - DAY_MS;

/** As long as WeChat's, and one the beginning of the other. */
const openidOf = (name: string): string => `o${name}`.padEnd(28, '_');

type Item = Record<string, unknown>;

async function itemsIn(table: string): Promise<Item[]> {
  const items: Item[] = [];
  const pages = paginateScan({ client: db }, { TableName: tableNamed(table), ConsistentRead: true });
  for await (const { Items = [] } of pages as AsyncIterable<ScanCommandOutput>) items.push(...Items);
  return items;
}

const put = (table: string, Item: Item) => db.send(new PutCommand({ TableName: tableNamed(table), Item }));

/** A text as DynamoDB has it, sets and all. */
const written = (item: Item): string =>
  JSON.stringify(item, (_, value) => (value instanceof Set ? [...value] : value)) + textOf(Object(item.details));

/** What stands for a follower under either key, anywhere. */
const derivativesOf = (openid: string): string[] => [
  openid,
  pseudonym(openid),
  HASHES.of(openid),
  hashesUnder(PREVIOUS_KEY).of(openid),
];
const PREVIOUS_KEY = 'the pseudonym key before, of the tests, 40 bytes';

async function whereFound(openid: string): Promise<string[]> {
  const found = await Promise.all(
    Object.keys(tableDefinitions()).map(async (table) =>
      (await itemsIn(table)).flatMap((item) =>
        derivativesOf(openid).some((one) => written(item).includes(one)) ? [table] : [],
      ),
    ),
  );
  return [...new Set(found.flat())].sort();
}

let entries = 0;
const interaction = (openid: string, at: number, but: Partial<Interaction> = {}): Interaction =>
  anInteraction(openid, at, { details: { content: `在吗 ${openid}` }, ...but });

async function keep(openid: string, at: number, but: Partial<Interaction> = {}): Promise<Interaction> {
  const item = interaction(openid, at, but);
  await put('interactions', item);
  return item;
}

const stageAt = (variables: Record<string, string | undefined> = {}) => localStage({ ...process.env, ...variables });
const records = (variables = {}, now = NOW) => followerRecords(stageAt(variables), { now: () => now });
const rows = insightsTable(db, tableNamed('insights'));
const rollUpAt = (time: number, hashes = HASHES) =>
  rollUp({
    history: history(db, tableNamed('interactions'), { shards: 2, retentionDays: undefined, now: () => time }),
    hashes,
    rows,
    now: () => time,
    isLate: () => false,
  });

async function run(line: string, { now = NOW, ...variables }: Record<string, unknown> = {}) {
  const [printed, told]: [string[], string[]] = [[], []];
  const code = await runFollowerData([...line.split(' '), '--stage', 'local'], {
    env: { ...process.env, ...(variables as Record<string, string>) },
    print: (text) => printed.push(text),
    report: (text) => told.push(text),
    ask: async () => '',
    now: () => Number(now),
  });
  return { code, printed, told };
}

/** Writes an openid into every place of the list, by the ways of the service where it has one. */
async function fill(openid: string): Promise<void> {
  const at = YESTERDAY;
  await keep(openid, at);
  await keep(openid, at + 1, { kind: 'event.SCAN', details: { scene: `invited_by_${openid}` } });
  await keep(openid, at + 2, { direction: 'out', operator: 'lin', details: { content: 'sent' } });
  await keep('oGivesACard', at + 3, { kind: 'event.user_gifting_card', details: { friend: openid, code: '1' } });
  await keep('-', at + 4, { kind: 'event.hologram', details: { about: [openid] } });
  const raw = `<xml><FromUserName>${openid}`;
  await keep('-#1', at + 5, { kind: 'unreadable', details: { raw, encoding: 'utf8' } });
  const bytes = Buffer.concat([Buffer.from(raw), Buffer.from([0xff])]).toString('base64');
  await keep('-#0', at + 6, { kind: 'unreadable', details: { raw: bytes, encoding: 'base64' } });
  const slow = slowRepliesTable(db, tableNamed('pending'), { account: 'wx', now: () => NOW });
  await slow.claim({ openid, reference: 'one' }, { tap: 'tap', answered_by: 'code:text' });
  await slow.changeWaiting(openid, () => [{ reference: 'one', part: 0 }]);
  const pending = pendingTable(db, tableNamed('pending'), () => NOW);
  await pending.claimSend({ operator: 'lin', key: `for ${openid}`, digest: 'd', openid });
  await put('audit', {
    month: '2026-01',
    at: `2026-01-01T00:00:00.000Z#${++entries}`,
    operator: 'lin',
    target: openid,
  });
  const read = `2026-01-01T00:00:00.000Z#lin GET /interactions/{openid} ${openid}`;
  await put('audit', {
    month: 'reads#2026-01',
    at: read,
    operator: 'lin',
    target: openid,
    addresses: new Set(['::1']),
  });
  await rollUpAt(NOW);
}

beforeAll(makeTables);

describe('the list of places', () => {
  it('names every table', () => {
    expect(TABLES.sort()).toEqual(Object.keys(tableDefinitions()).sort());
  });

  it('names every beginning of a key that the code makes', () => {
    const made = readdirSync('lib', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => [...readFileSync(`lib/${name}`, 'utf8').matchAll(/`([a-z][a-z-]*#)\$\{/g)])
      .map(([, beginning = '']) => beginning);
    const listed = Object.values(PLACES).flatMap(({ keys }): readonly string[] => keys);
    expect(made.length).toBeGreaterThan(3);
    expect(made.filter((beginning) => !listed.includes(beginning))).toEqual([]);
  });
});

describe('a follower in every place', () => {
  const openid = openidOf('Everywhere');
  const other = `${openid.slice(0, -1)}2`;

  it('is exported, erased and then nowhere, nor is anything made of the openid; others stay', async () => {
    await fill(openid);
    await fill(other);
    const expected = TABLES.filter((table) => ['delete', 'replace'].includes(PLACES[table].erasing)).sort();
    expect(await whereFound(openid)).toEqual(expected);

    const { printed } = await run(`export --openid ${openid}`);
    const lines = printed.map((line) => JSON.parse(line));
    expect([...new Set(lines.map(({ table }) => table ?? 'own'))].sort()).toEqual(['own', ...expected].sort());
    expect(lines.filter(({ table }) => table === 'pending')).toHaveLength(3);
    expect(printed.join('')).not.toContain(other);
    const before = await whereFound(other);

    const { told } = await run(`erase --openid ${openid} --yes`);

    expect(told[0]).toBe(`Erased 3 interactions of ${openid}`);
    expect(told).toEqual(expect.arrayContaining(['Deleted in pending: 3', 'Replaced in audit: 2']));
    expect(await whereFound(openid)).toEqual([]);
    expect((await run(`export --openid ${openid}`)).printed).toEqual([]);
    expect(await whereFound(other)).toEqual(before);
  });

  it('leaves what belongs to others: their history and the audit, with one name that leads nowhere', async () => {
    const audit = (await itemsIn('audit')).filter((item) => written(item).includes('erased-'));
    const names = new Set(audit.flatMap((item) => /erased-[\w-]{36}/.exec(written(item))?.[0] ?? ''));
    expect([audit.length, names.size]).toEqual([2, 1]);
    const cards = (await itemsIn('interactions')).filter((item) => item.openid === 'oGivesACard');
    expect(cards.map(({ details }) => (details as { friend: string }).friend).sort()).toEqual([...names, other].sort());
    expect(audit.every(({ operator }) => operator === 'lin')).toBe(true);
    expect(audit.find(({ addresses }) => addresses)?.addresses).toEqual(new Set(['::1']));
  });

  it('is gone from the figures, which equal a count of what is left', async () => {
    const hour = hourOf(YESTERDAY);
    await rollUpAt(NOW + HOUR_MS);
    expect(await rows.marks()).toEqual([]);
    const figures = await figuresAt(hour);
    const left = (await itemsIn('interactions')).filter(({ direction }) => direction === 'in');
    const scenes = left.filter(({ kind }) => kind === 'event.SCAN');
    expect(figures?.scenes.entries).toEqual([[`SCAN invited_by_${other}`, scenes.length]]);
    expect(figures?.messages).toEqual([
      ['unreadable', 2],
      ['text', left.filter(({ kind }) => kind === 'text').length],
    ]);
    expect(await whereFound(openid)).toEqual([]);
  });

  it('is named to the administrator where an operator wrote the openid', async () => {
    const written = openidOf('InARule');
    await put('reply-rules', { pk: 'rules', id: 'r', name: `for ${written}` });
    const { told } = await run(`erase --openid ${written} --yes`);
    expect(told).toContain('Left as operators wrote it, for you to change, in reply-rules: 1');
  });
});

async function figuresAt(hour: number) {
  for await (const { figures } of rows.between(hour, hour + HOUR_MS)) return figures;
  return undefined;
}

describe('recovering', () => {
  const lostOf = (openid: string, at: number): Lost => ({
    delivery: { to: 'gh_1', from: openid, createTime: at / 1000, type: 'text', id: '1', content: 'my number' } as never,
    taken: { sortKey: `${Math.floor(at / 1000)}#lost${at}`, receivedAt: at, kind: 'text', reply: null },
  });
  const recoverAll = (lost: readonly Lost[], over = {}, now = NOW) =>
    recover(
      recovery(over, () => now),
      (async function* () {
        for (const one of lost) yield `{"sealed":"${await seal(RECOVERY_KEY, one)}"}`;
      })(),
    );

  it('does not bring back who was erased, whatever the openid', async () => {
    for (const openid of [openidOf('Recovered'), '粉丝-é-👋🏽', 'o1']) {
      const lost = [lostOf(openid, NOW - 5_000)];
      expect(await recoverAll(lost)).toMatchObject({ recorded: 1, erased: 0 });
      await run(`erase --openid ${openid} --yes`);
      const message = jest.fn();
      const record = { ...recovery().record, message };
      expect(await recoverAll(lost, { record })).toMatchObject({ recorded: 0, erased: 1, there: 0 });
      expect(message).not.toHaveBeenCalled();
      expect((await run(`export --openid ${openid}`)).printed).toEqual([]);
    }
  });

  it('does not bring back a delivery that could not be read and may be theirs, in text or bytes', async () => {
    const openid = openidOf('Unreadable');
    const raw = `<xml><FromUserName><![CDATA[${openid}]]></FromUserName>`;
    const unreadable = { type: 'unreadable', from: '-', createTime: 0, reason: 'xml', problem: 'p' } as const;
    const lost = [
      { ...unreadable, raw, encoding: 'utf8' as const },
      { ...unreadable, raw: Buffer.from(`${raw}\xff`, 'latin1').toString('base64'), encoding: 'base64' as const },
      { ...unreadable, raw: raw.replace('Unreadable', 'UnreadablX'), encoding: 'utf8' as const },
    ].map((delivery, at) => ({
      delivery,
      taken: { sortKey: `0000000000#unreadable${at}`, receivedAt: NOW - 2_000, kind: 'unreadable', reply: null },
    }));
    expect(await recoverAll(lost)).toMatchObject({ recorded: 3 });
    const { told } = await run(`erase --openid ${openid} --yes`);
    expect(told).toContain('Replaced or deleted in interactions: 2');
    expect(await recoverAll(lost)).toMatchObject({ recorded: 0, erased: 2, there: 1 });
    expect(await whereFound(openid)).toEqual([]);
  });

  it('records what an erased follower did after coming back, and of others what it should', async () => {
    const openid = openidOf('CameAgain');
    await run(`erase --openid ${openid} --yes`, { now: NOW - HOUR_MS });
    const lost = [
      lostOf(openid, NOW - HOUR_MS),
      lostOf(openid, NOW - HOUR_MS + 1),
      lostOf(`${openid}2`, NOW - 2 * HOUR_MS),
    ];
    expect(await recoverAll(lost)).toMatchObject({ recorded: 2, erased: 1 });
  });

  it('knows who was erased under the key before, until no log can bring them back', async () => {
    const openid = openidOf('Rotated');
    const lost = [lostOf(openid, NOW - 1_000)];
    await run(`erase --openid ${openid} --yes`, { PSEUDONYM_KEY: PREVIOUS_KEY });
    const keys = { current: process.env.PSEUDONYM_KEY ?? '', previous: PREVIOUS_KEY };
    const erasures = erasuresTable(db, tableNamed('erasures'), keys);
    expect(await recoverAll(lost, { erasures })).toMatchObject({ recorded: 0, erased: 1 });
    const last = NOW + LOG_DAYS * DAY_MS - 1_000;
    expect(await recoverAll(lost, { erasures }, last)).toMatchObject({ erased: 1, expired: 0 });
    expect(await recoverAll(lost, { erasures }, last + 1)).toMatchObject({ erased: 0, expired: 1 });
  });

  it('takes back what it records at the moment in which the follower is erased', async () => {
    const openid = openidOf('AtThatMoment');
    const { record } = recovery();
    const racing = {
      ...record,
      message: async (...args: Parameters<typeof record.message>) => {
        await records().erase(new Set([openid]));
        return record.message(...args);
      },
    };
    expect(await recoverAll([lostOf(openid, NOW - 3_000)], { record: racing })).toMatchObject({
      recorded: 0,
      erased: 1,
    });
    expect((await run(`export --openid ${openid}`)).printed).toEqual([]);
  });
});

describe('erasing', () => {
  it('takes along what arrives meanwhile', async () => {
    const openid = openidOf('Meanwhile');
    for (let n = 0; n < 60; n++) await keep(openid, YESTERDAY + n);
    let arriving = 3;
    const stage = stageAt();
    const busy = Object.assign(Object.create(db), {
      send: async (command: object, ...rest: never[]) => {
        const answer = await db.send(command as never, ...rest);
        if (command.constructor.name === 'BatchWriteCommand' && arriving-- > 0)
          await keep(openid, YESTERDAY - arriving);
        return answer;
      },
    });
    const { interactions } = await followerRecords({ ...stage, db: busy }, { now: () => NOW }).erase(new Set([openid]));
    expect(interactions).toBe(63);
    expect(await whereFound(openid)).toEqual([]);
  });

  it('goes on when it was killed at any call, and finds again who left', async () => {
    const openid = openidOf('Killed');
    for (let calls = 1, finished = false; !finished; calls++) {
      await put('audit', { month: '2026-02', at: `x#${calls}`, target: openid });
      await keep(openid, YESTERDAY, { kind: CAME });
      await keep(openid, YESTERDAY + 1_000, { kind: LEFT });
      for (let n = 0; n < 30; n++) await keep(openid, YESTERDAY + 2_000 + n, { direction: 'out' });
      let left = calls;
      const dying = Object.assign(Object.create(db), {
        send: async (command: object, ...rest: never[]) => {
          const isWrite = /Put|Update|Delete|BatchWrite/.test(command.constructor.name);
          if (isWrite && left-- <= 0) throw new Error('killed');
          return db.send(command as never, ...rest);
        },
      });
      const dead = followerRecords({ ...stageAt(), db: dying }, { now: () => NOW }).erase(new Set([openid]));
      finished = await dead.then(
        () => true,
        () => false,
      );
      if (!finished) expect(await run('erase --unsubscribed --yes')).toMatchObject({ code: 0 });
      expect(await whereFound(openid)).toEqual([]);
    }
  }, 120_000);

  it('removes hashes of the key before from hours that can no longer be counted', async () => {
    const openid = openidOf('Ago');
    const hour = Date.parse('2024-05-01T10:00:00Z');
    const old = hashesUnder(PREVIOUS_KEY);
    const all = [openid, openidOf('B'), openidOf('C')].map((one) =>
      interaction(one, hour + 1, { details: { content: '价格' }, expires_at: Math.floor(NOW / 1000) + 60 }),
    );
    for (const one of all) await put('interactions', one);
    await rollUpAt(hour + 2 * HOUR_MS, old);
    const before = await figuresAt(hour);
    await records({ PREVIOUS_PSEUDONYM_KEY: PREVIOUS_KEY }).erase(new Set([openid]));
    const after = await figuresAt(hour);
    expect(before?.active.hashes).toHaveLength(33);
    expect(after?.active.hashes).toHaveLength(22);
    expect(after).toMatchObject({
      messages: [['text', 3]],
      texts: { entries: [[expect.any(String), 3, expect.any(String), '价格']] },
    });
    await rollUpAt(NOW + HOUR_MS);
    expect(await figuresAt(hour)).toEqual(after);
    expect(await whereFound(openid)).toEqual([]);
  });

  it('takes away rows of an earlier version, whose hashes had no key', async () => {
    const hour = Date.parse('2024-06-01T10:00:00Z');
    await rows.put({ hour, figures: { version: 1, active: { hashes: 'AAAAAAAAAAA' } } as never });
    await records().erase(new Set([openidOf('Unkeyed')]));
    expect(await figuresAt(hour)).toBeUndefined();
    expect((await rows.marks()).map((mark) => mark.hour)).toContain(hour);
  });
});

describe('whoever acted after unsubscribing', () => {
  const left = NOW - 2 * HOUR_MS;
  it.each([
    ['event.CLICK', true],
    ['event.SCAN', true],
    ['event.VIEW', true],
    ['event.LOCATION', true],
    ['event.scancode_waitmsg', true],
    ['event.user_get_card', true],
    ['text', true],
    ['unreadable', true],
    ['unknown.event.of_tomorrow', true],
    ['unknown.hologram', true],
    ['event.TEMPLATESENDJOBFINISH', false],
    ['event.subscribe_msg_sent_event', false],
    ['event.user_authorization_revoke', false],
  ])('by %s: is kept %j', async (kind, stays) => {
    const openid = openidOf(kind.replaceAll(/[^a-z]/gi, ''));
    await keep(openid, left, { kind: LEFT });
    await keep(openid, left + 1_000, { kind });
    expect(await records().isUnsubscribed(openid, NOW)).toBe(!stays);
  });
});
