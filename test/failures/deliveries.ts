import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { recover } from '../../commands/recover.ts';
import { webhook } from '../../functions/webhook/webhook.ts';
import type { Interaction } from '../../lib/interactions/interaction.ts';
import { seal } from '../../lib/platform/seal.ts';
import { decideFromRules, rulesCache } from '../../lib/replies/rules/cache.ts';
import { replyRulesTable } from '../../lib/tables/reply-rules.ts';
import { APP_ID, KEY, NOW, safe, TOKEN, textMessage, unsealed } from '../support/callback.ts';
import { RECOVERY_KEY, recovery } from '../support/recovery.ts';
import { database, tableNamed } from '../support/tables.ts';
import { recordingIn } from '../support/webhook.ts';
import { type Call, FAULTS, type Fault, faultyDatabase } from './faulty-database.ts';
import { fewAtOnce } from './few-at-once.ts';
import { mortal } from './mortal.ts';
import type { Outcome, Scenario } from './outcomes.ts';

const ATTEMPT_MS = 5_000;

let followers = 0;
const newFollower = (): string => `oFailing${++followers}`;

export async function interactionsOf(openid: string): Promise<Interaction[]> {
  const { Items = [] } = await database().send(
    new QueryCommand({
      TableName: tableNamed('interactions'),
      ConsistentRead: true,
      KeyConditionExpression: 'openid = :openid',
      ExpressionAttributeValues: { ':openid': openid },
    }),
  );
  return Items as Interaction[];
}

/** The database's own time limits are shorter; a machine may be slow without a fault. */
const A_BUSY_MACHINE_MS = 60_000;

/** A process of the webhook, what it sealed, and how long it held its answers. */
function process({ db = database(), at = NOW, attempt = 1, rules = database() } = {}) {
  const sealed: string[] = [];
  const held: number[] = [];
  const table = replyRulesTable(rules, tableNamed('reply-rules'));
  const cache = rulesCache({
    version: table.version,
    list: table.all,
    now: () => at,
    failed: () => undefined,
    readMs: A_BUSY_MACHINE_MS,
  });
  const handler = webhook({
    account: { appId: APP_ID, token: TOKEN, keys: [KEY], mode: 'safe' },
    record: recordingIn(db),
    decide: async (delivery) => {
      const ruled = await decideFromRules(cache, { now: () => at, overBudget: () => undefined })(delivery);
      return ruled.answered_by === undefined && !ruled.isUndecided
        ? { reply: { type: 'text', content: `decided at attempt ${attempt}` } }
        : ruled;
    },
    now: () => at,
    sleep: async (ms) => held.push(ms),
    sealed: async (lost) => {
      const text = await seal(RECOVERY_KEY, lost);
      sealed.push(`{"verdict":"lost","sealed":"${text}"}`);
      return text;
    },
  });
  return { handler, sealed, held };
}

type Instance = ReturnType<typeof process>;

/** WeChat delivers, the third attempt being the last, and what the follower sees. */
async function delivered(
  xml: string,
  instance: (moment: { attempt: number; at: number }) => Instance,
  attempts = [1, 2, 3],
) {
  const sealed: string[] = [];
  for (const attempt of attempts) {
    const at = NOW + (attempt - 1) * ATTEMPT_MS;
    const { handler, ...seen } = instance({ attempt, at });
    const answer = await handler(safe(xml, { time: at }));
    sealed.push(...seen.sealed);
    if (answer.statusCode === 200) return { attempt, content: contentOf(answer.body), sealed };
    expect(answer.statusCode).toBe(503);
    expect(seen.held[0]).toBeGreaterThan(ATTEMPT_MS);
  }
  return { attempt: 0, content: '', sealed };
}

const contentOf = (body = ''): string => (body === 'success' ? '' : String(unsealed(body).Content));

/** What the table has of a follower, when what was sealed has been recovered too; one interaction in any case. */
async function keptOnce(openid: string, sealed: readonly string[]): Promise<string> {
  const before = await interactionsOf(openid);
  const { found, recorded, unreadable } = await recover(recovery(), lines(sealed));
  expect(unreadable).toBe(0);
  expect(before.length + recorded).toBe(1);
  expect(await interactionsOf(openid)).toHaveLength(1);
  if (before.length === 1) return 'one interaction';
  return `${found} sealed lines in the log; \`recover\` makes one interaction of them`;
}

async function* lines(all: readonly string[]): AsyncGenerator<string> {
  yield* all;
}

const seenBy = ({ attempt, content }: { attempt: number; content: string }): string => {
  if (attempt === 0) return 'three attempts held past 5 s, then 503: WeChat tells the follower that the service fails';
  return attempt === 1 ? 'the reply' : `to attempt ${attempt}, the reply ${content}`;
};

/** The first so many calls of this name. */
const first = (count: number, name: string, fault: Fault) => {
  let calls = 0;
  return (call: Call) => (call.name === name && ++calls <= count ? fault : undefined);
};

const SPANS = [
  ['the first call', 1],
  ["WeChat's first attempt", 3],
  ['as long as WeChat tries', Number.POSITIVE_INFINITY],
] as const;

const recording: Scenario = {
  title: 'A delivery: DynamoDB fails',
  run: () => {
    const cases = SPANS.flatMap(([span, count]) => FAULTS.map((fault) => ({ span, count, fault })));
    return fewAtOnce([
      ...cases.map(({ span, count, fault }) => async (): Promise<Outcome> => {
        const openid = newFollower();
        const faulty = await faultyDatabase();
        faulty.fail(first(count, 'PutItem interactions', fault));
        const seen = await delivered(textMessage('hi', { from: openid }), (moment) =>
          process({ db: faulty.db, ...moment }),
        );
        faulty.close();
        return { fault, where: `recording it, ${span}`, kept: await keptOnce(openid, seen.sealed), sees: seenBy(seen) };
      }),
      ...FAULTS.map((fault) => async (): Promise<Outcome> => {
        const openid = newFollower();
        const faulty = await faultyDatabase();
        const xml = textMessage('hi', { from: openid });
        await process().handler(safe(xml));
        faulty.fail(first(3, 'GetItem interactions', fault));
        const seen = await delivered(xml, (moment) => process({ db: faulty.db, ...moment }), [2, 3]);
        faulty.close();
        return {
          fault,
          where: 'reading the first reply for a repetition, once',
          kept: await keptOnce(openid, seen.sealed),
          sees: seenBy(seen),
        };
      }),
      ...FAULTS.map((fault) => async (): Promise<Outcome> => {
        const openid = newFollower();
        const faulty = await faultyDatabase();
        faulty.fail(() => fault);
        const seen = await delivered(textMessage('hi', { from: openid }), (moment) =>
          process({ rules: moment.attempt === 1 ? faulty.db : database(), ...moment }),
        );
        faulty.close();
        const kept = (await interactionsOf(openid)).map(({ direction }) => direction);
        expect([kept, seen.sealed]).toEqual([['in', 'out'], []]);
        return {
          fault,
          where: "reading the reply rules, WeChat's first attempt",
          kept: 'the delivery, the reply',
          sees: seenBy(seen),
        };
      }),
      ...FAULTS.map((fault) => async (): Promise<Outcome> => {
        const openid = newFollower();
        const faulty = await faultyDatabase();
        faulty.fail(() => fault);
        const seen = await delivered(textMessage('hi', { from: openid }), (moment) =>
          process({ rules: faulty.db, ...moment }),
        );
        faulty.close();
        expect(seen).toMatchObject({ attempt: 3, content: '' });
        return {
          fault,
          where: 'reading the reply rules, as long as WeChat tries',
          kept: await keptOnce(openid, seen.sealed),
          sees: 'no reply and no notice of a failure: the third attempt gets `success`',
        };
      }),
    ]);
  },
};

const killed: Scenario = {
  title: 'A delivery: the process is killed',
  run: async () => {
    const whole = mortal();
    await process({ db: whole.using(database()) }).handler(safe(textMessage('hi', { from: newFollower() })));
    return fewAtOnce(
      [0, ...whole.steps.keys()].map((_, died) => async (): Promise<Outcome> => {
        const openid = newFollower();
        const xml = textMessage('hi', { from: openid });
        const dying = mortal(died);
        void process({ db: dying.using(database()) }).handler(safe(xml));
        await dying.died;
        const seen = await delivered(xml, process, [2, 3]);
        return {
          fault: 'killed',
          where: died === 0 ? 'before recording' : 'after recording, before answering',
          kept: await keptOnce(openid, seen.sealed),
          sees: `nothing; ${seenBy(seen)}`,
        };
      }),
    );
  },
};

const CLOCKS = [
  ['4 minutes behind', -4],
  ['4 minutes ahead', 4],
  ['6 minutes behind', -6],
  ['6 minutes ahead', 6],
] as const;

const clocks: Scenario = {
  title: 'A delivery: our clock is wrong',
  run: () =>
    Promise.all(
      CLOCKS.map(async ([fault, minutes]): Promise<Outcome> => {
        const openid = newFollower();
        const xml = textMessage('hi', { from: openid });
        const { statusCode } = await process({ at: NOW + minutes * 60_000 }).handler(safe(xml));
        const kept = await interactionsOf(openid);
        expect([statusCode, kept.length]).toEqual(Math.abs(minutes) < 5 ? [200, 1] : [401, 0]);
        const sees =
          statusCode === 200
            ? 'the reply'
            : '401: a request this old may be a copy that somebody sends again; `doctor` compares the clocks';
        return {
          fault,
          where: 'the clock',
          kept: kept.length === 1 ? 'one interaction' : 'nothing; the log says why',
          sees,
        };
      }),
    ),
};

export const DELIVERY_SCENARIOS = [recording, killed, clocks];
