import { BatchWriteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { followerRecords } from '../../commands/follower-data/records.ts';
import { runFollowerData } from '../../commands/follower-data.ts';
import { localStage } from '../../commands/stage.ts';
import type { Interaction } from '../../lib/interactions/interaction.ts';
import { referenceOf } from '../../lib/slow-replies/tap-link.ts';
import { slowRepliesTable } from '../../lib/tables/slow-replies.ts';
import { anInteraction, stored } from '../support/interactions.ts';
import { database, makeTables, put, tableNamed } from '../support/tables.ts';

const db = database();
const table = tableNamed('interactions');
const NOW = Date.parse('2026-06-15T08:00:00Z');
const DAY_MS = 86_400_000;
const [LEFT, CAME, WROTE] = ['event.unsubscribe', 'event.subscribe', 'text'];

const daysAgo = (days: number): number => NOW - days * DAY_MS;

const keep = (openid: string, kind: string, days: number, but: Partial<Interaction> = {}): Promise<Interaction> =>
  stored(openid, daysAgo(days), { kind, ...but });

async function count(openid: string): Promise<number> {
  const { Count } = await db.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'openid = :openid',
      ExpressionAttributeValues: { ':openid': openid },
      Select: 'COUNT',
    }),
  );
  return Count ?? 0;
}

/** Runs a command as somebody at a terminal would who types `typed`. */
async function run(line: string, typed = '') {
  const [printed, told, asked]: string[][] = [[], [], []];
  const code = await runFollowerData(['--stage', 'local', ...line.split(' ')], {
    env: process.env,
    print: (text) => printed?.push(text),
    report: (text) => told?.push(text),
    ask: async (question) => {
      asked?.push(question);
      return typed;
    },
    now: () => NOW,
  });
  return { code, printed, told: told?.join('\n'), asked };
}

beforeAll(makeTables);

describe('export', () => {
  it('prints all that is kept of one follower, a line of JSON each, oldest first', async () => {
    const second = await keep('oExported', WROTE, 1);
    const first = await keep('oExported', CAME, 2, { reply: { type: 'text', content: '欢迎' } });
    await keep('oOther', WROTE, 1);
    await keep('oExported', WROTE, 3, { expires_at: NOW / 1000 });

    const { code, printed = [] } = await run('export --openid oExported');

    expect(code).toBe(0);
    expect(printed.map((line) => JSON.parse(line))).toEqual([first, second]);
    expect(printed.join('')).toContain('欢迎');
  });

  it('reads page after page', async () => {
    await put(
      'interactions',
      Array.from({ length: 1_200 }, () => anInteraction('oPages', daysAgo(1))),
    );

    const { printed = [], told } = await run('export --openid oPages');

    expect(new Set(printed).size).toBe(1_200);
    expect(told).toBe('1200 interactions of oPages');
  });
});

describe('erase --openid', () => {
  it('deletes all that is kept of one follower and nothing else', async () => {
    await Promise.all(Array.from({ length: 60 }, () => keep('oErased', WROTE, 1)));
    await keep('oErased', WROTE, 9, { expires_at: 1 });
    await keep('oStays', WROTE, 1);

    const { code, told, asked } = await run('erase --openid oErased', 'y');

    expect({ code, told }).toEqual({ code: 0, told: 'Erased 61 interactions of oErased' });
    expect(asked).toEqual([expect.stringContaining('61 interactions of oErased')]);
    expect([await count('oErased'), await count('oStays')]).toEqual([0, 1]);
  });

  it.each(['', 'n', 'yesterday'])('deletes nothing when %j is typed', async (typed) => {
    const openid = `oKept${typed}`;
    await keep(openid, WROTE, 1);

    expect(await run(`erase --openid ${openid}`, typed)).toMatchObject({
      code: 1,
      told: expect.stringContaining('Nothing was erased'),
    });
    expect(await count(openid)).toBe(1);
  });

  it('does not ask when told --yes', async () => {
    await keep('oYes', WROTE, 1);

    expect(await run('erase --openid oYes --yes')).toMatchObject({ code: 0, asked: [] });
    expect(await count('oYes')).toBe(0);
  });
});

describe('erase --unsubscribed', () => {
  const followers: [
    openid: string,
    acts: [kind: string, daysAgo: number, but?: Partial<Interaction>][],
    left: boolean,
  ][] = [
    [
      'oLeft',
      [
        [CAME, 9],
        [WROTE, 8],
        [LEFT, 7],
      ],
      true,
    ],
    [
      'oLeftTwice',
      [
        [CAME, 9],
        [LEFT, 8],
        [CAME, 7],
        [LEFT, 6],
      ],
      true,
    ],
    [
      'oLeftAndWasSent',
      [
        [LEFT, 8],
        [WROTE, 7, { direction: 'out' }],
        ['event.TEMPLATESENDJOBFINISH', 6],
      ],
      true,
    ],
    [
      'oCameBack',
      [
        [LEFT, 8],
        [CAME, 7],
      ],
      false,
    ],
    [
      'oWroteSince',
      [
        [LEFT, 8],
        [WROTE, 7],
      ],
      false,
    ],
    [
      'oNeverLeft',
      [
        [CAME, 8],
        [WROTE, 7],
      ],
      false,
    ],
    [
      'oLeftLately',
      [
        [CAME, 8],
        [LEFT, 1],
      ],
      false,
    ],
    [
      'oLeftAndCameInOneSecond',
      [
        [CAME, 5, { received: `${NOW}#b` }],
        [LEFT, 5, { received: `${NOW}#a` }],
      ],
      false,
    ],
    [
      'oCameAndLeftInOneSecond',
      [
        [CAME, 5, { received: `${NOW}#a` }],
        [LEFT, 5, { received: `${NOW}#b` }],
      ],
      true,
    ],
  ];

  it('deletes what is kept of everyone whose last act before the time was to leave', async () => {
    for (const [openid, acts] of followers) for (const act of acts) await keep(openid, ...act);
    const before = await Promise.all(followers.map(([openid]) => count(openid)));

    const { code, told, asked } = await run('erase --unsubscribed --before 2026-06-12', 'yes');

    expect(code).toBe(0);
    expect(asked).toEqual([expect.stringContaining('4 followers who left')]);
    expect(told).toBe('4 followers have left\nErased 12 interactions of 4 followers');
    const expected = followers.map(([, , left], at) => (left ? 0 : before[at]));
    expect(await Promise.all(followers.map(([openid]) => count(openid)))).toEqual(expected);
  });

  it('means until now when no time is given, and asks nothing when nobody has left', async () => {
    expect(await run('erase --unsubscribed --yes')).toMatchObject({ told: expect.stringContaining('1 followers') });
    expect(await count('oLeftLately')).toBe(0);
    expect(await run('erase --unsubscribed')).toMatchObject({ code: 0, asked: [] });
  });

  it('spares whoever comes back while the question is open', async () => {
    await keep('oHesitates', LEFT, 1);

    const code = await runFollowerData(['erase', '--stage', 'local', '--unsubscribed'], {
      env: process.env,
      print: () => undefined,
      report: () => undefined,
      ask: async () => {
        await keep('oHesitates', CAME, 0);
        return 'y';
      },
      now: () => NOW,
    });

    expect(code).toBe(0);
    expect(await count('oHesitates')).toBe(2);
  });
});

it('erasing takes the replies along that wait for the follower', async () => {
  const replies = slowRepliesTable(db, tableNamed('pending'), { account: 'wx', now: () => NOW });
  await keep('oWaiting', WROTE, 1);
  const { Items = [] } = await db.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'openid = :openid',
      ExpressionAttributeValues: { ':openid': 'oWaiting' },
    }),
  );
  const place = { openid: 'oWaiting', reference: referenceOf(String(Items[0]?.created)) };
  await replies.keepLong(place, { tap: 'tap', answered_by: 'code:text' }, [{ type: 'text', content: 'private' }]);
  await replies.changeWaiting('oWaiting', () => [{ reference: place.reference, part: 0 }]);

  await run('erase --openid oWaiting --yes');

  expect(await replies.readWaiting('oWaiting')).toEqual([]);
  expect(await replies.read(place)).toBeUndefined();
});

describe('what DynamoDB leaves undone', () => {
  const onDatabase = (other: typeof db) => ({ ...localStage(process.env), db: other });

  /** DynamoDB on a busy day: of each batch it does the first delete only. */
  const busy = (does: number) =>
    Object.assign(Object.create(db), {
      send: async (command: object) => {
        if (!(command instanceof BatchWriteCommand)) return db.send(command as never);
        const [first = [], ...rest] = [command.input.RequestItems?.[table]?.slice(0, does)];
        const undone = command.input.RequestItems?.[table]?.slice(does) ?? [];
        if (first.length > 0) await db.send(new BatchWriteCommand({ RequestItems: { [table]: first } }));
        return { UnprocessedItems: undone.length > 0 ? { [table]: undone } : {}, rest };
      },
    });

  it('is asked for again, ever more slowly', async () => {
    await Promise.all(Array.from({ length: 5 }, () => keep('oBusy', WROTE, 1)));
    const pauses: number[] = [];
    const records = followerRecords(onDatabase(busy(2)), { sleep: async (ms) => pauses.push(ms) });

    expect(await records.erase(new Set(['oBusy']))).toMatchObject({ interactions: 5 });

    expect(pauses).toEqual([100, 200]);
    expect(await count('oBusy')).toBe(0);
  });

  it('is given up in the end, and said', async () => {
    await keep('oTooBusy', WROTE, 1);
    const records = followerRecords(onDatabase(busy(0)), { sleep: async () => undefined });

    await expect(records.erase(new Set(['oTooBusy']))).rejects.toThrow(
      'is too busy: part of a batch was not processed; try again',
    );
  });
});

describe('a command that cannot be meant', () => {
  it.each([
    ['', 'Say export or erase'],
    ['forget --openid o1', 'Say export or erase'],
    ['export', '--openid is missing'],
    ['export --unsubscribed --openid o1', 'Export takes --openid only'],
    ['erase', 'Say either --openid or --unsubscribed'],
    ['erase --openid o1 --unsubscribed', 'Say either --openid or --unsubscribed'],
    ['erase --openid=- --yes', '--openid - is not an openid'],
    ['erase --openid o1 --before 2026-01-01', '--before goes with --unsubscribed'],
    ['erase --unsubscribed --before yesterday', '--before must be a time'],
    ['erase --everyone', "Unknown option '--everyone'"],
  ])('is refused: %j', async (line, message) => {
    const { code, told } = await run(line);

    expect(code).toBe(2);
    expect(told).toContain(message);
    expect(told).toContain('npm run follower:erase');
  });
});
