import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { deciding } from '../../functions/webhook/decide.ts';
import { webhook } from '../../functions/webhook/webhook.ts';
import { type Handlers, slow } from '../../lib/replies/handlers.ts';
import { seal } from '../../lib/sealed.ts';
import { slowReplies } from '../../lib/slow-replies/attempt.ts';
import type { SlowReplyRequest } from '../../lib/slow-replies/request.ts';
import { slowReplyRun } from '../../lib/slow-replies/run.ts';
import { slowRepliesTable } from '../../lib/tables/slow-replies.ts';
import { WeChatError } from '../../lib/wechat/error.ts';
import { recover } from '../../local/recover.ts';
import { APP_ID, KEY, NOW, safe, TOKEN, textMessage, unsealed } from '../support/callback.ts';
import { virtualClock } from '../support/clock.ts';
import { RECOVERY_KEY, recovery } from '../support/recovery.ts';
import { database, tableNamed } from '../support/tables.ts';
import { recordingIn } from '../support/webhook.ts';
import { interactionsOf } from './deliveries.ts';
import { fewAtOnce } from './few-at-once.ts';
import { type Fate, type Mortal, mortal } from './mortal.ts';
import type { Outcome, Scenario } from './outcomes.ts';

const CUT_MS = 5_000;
const ANSWER = 'the slow answer';
/** Two of them do not fit into one reply. */
const LONG = '。'.repeat(400);

let followers = 0;

type World = { readonly takesMs: number; readonly mayBeMessaged: boolean };

/** The webhook and the slow-replies function, WeChat's three attempts, and what a follower gets, on a clock of their own. */
function world({ takesMs, mayBeMessaged }: World) {
  const openid = `oSlow${++followers}`;
  const clock = virtualClock(NOW);
  const runs: string[] = [];
  const sent: string[] = [];
  const sealed: string[] = [];
  const made: Promise<void>[] = [];
  const handlers: Handlers = {
    text: slow(async ({ content }) => {
      if (!content.startsWith('slow')) return undefined;
      runs.push(content);
      await clock.sleep(takesMs);
      return `${ANSWER} to ${content}${content === 'slow' ? '' : LONG}`;
    }),
    image: () => 'a fast answer',
  };

  const portsOf = (life: Mortal) => {
    const db = database();
    const send = clock.counted(db.send.bind(db) as (...args: unknown[]) => Promise<unknown>);
    const counted = new Proxy(db, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)) });
    const using: DynamoDBDocumentClient = life.using(counted);
    return {
      table: slowRepliesTable(using, tableNamed('pending'), clock.now),
      record: recordingIn(using),
      now: clock.now,
      sleep: clock.sleep,
    };
  };

  const answers = (life: Mortal) =>
    slowReplyRun({
      handlers,
      wechat: life.step('WeChat', async (_path: string, request: { body?: unknown } = {}) => {
        if (!mayBeMessaged) throw new WeChatError({ reason: 'refused', errcode: 48001, errmsg: 'api unauthorized' });
        sent.push((request.body as { text: { content: string } }).text.content);
        return { errcode: 0 };
      }),
      ...portsOf(life),
    });

  const process = (life: Mortal, answersLife: Mortal) => {
    const ports = portsOf(life);
    const ask = life.step('Lambda', async (request: SlowReplyRequest) => {
      made.push(answers(answersLife)(JSON.parse(JSON.stringify(request))));
    });
    return webhook({
      account: { appId: APP_ID, token: TOKEN, keys: [KEY], mode: 'safe' },
      decide: deciding({ handlers, rules: async () => ({ reply: null }), welcomeText: undefined }),
      slow: slowReplies({ ask, ...ports }),
      sealed: async (lost) => {
        const text = seal(RECOVERY_KEY, lost);
        sealed.push(`{"sealed":"${text}"}`);
        return text;
      },
      ...ports,
    });
  };

  /** The first attempt meets `first`, the slow-replies function `answersLife`; later attempts meet nothing. */
  async function deliver(xml: string, { first = mortal(), answersLife = mortal() } = {}): Promise<string> {
    for (const attempt of [1, 2, 3]) {
      const handler = process(attempt === 1 ? first : mortal(), answersLife);
      const cut = clock.sleep(CUT_MS).then(() => undefined);
      const answer = await Promise.race([handler(safe(xml, { time: clock.now() })), cut]);
      if (answer?.statusCode === 200)
        return answer.body === 'success' ? '' : String(unsealed(answer.body ?? '').Content);
    }
    return '';
  }

  const message = (content: string, minutes = 0) =>
    textMessage(content, { from: openid, created: NOW / 1000 + minutes * 60 });

  const picture = (minutes: number) =>
    message('', minutes)
      .replace('[text]', '[image]')
      .replace(/<Content>.*<.Content>/, '<MediaId>M</MediaId>');

  /** What the follower got of the answers, and what is in the history. */
  async function outcome(seen: readonly string[], deliveries: number): Promise<Pick<Outcome, 'kept' | 'sees'>> {
    await clock.sleep(120_000);
    await recover(recovery(), lines(sealed));
    const kept = await interactionsOf(openid);
    const answersIn = (text: string) => [...text.matchAll(/the slow answer to slow\d?/g)].map(([found]) => found);
    const inReplies = seen.flatMap(answersIn);
    const got = [...inReplies, ...sent.flatMap(answersIn)];
    const written = answersIn(JSON.stringify(kept));
    expect(kept.filter(({ direction }) => direction === 'in')).toHaveLength(deliveries);
    for (const each of [runs, got, written]) expect(new Set(each).size).toBe(each.length);
    return {
      kept: ['the delivery', ...counted(written.length, 'the reply')].join(', '),
      sees: [...counted(got.length, 'the reply'), got.length === 0 ? 'nothing' : way(inReplies)].join(', '),
    };
  }

  return { deliver, message, picture, outcome, clock };
}

async function* lines(all: readonly string[]): AsyncGenerator<string> {
  yield* all;
}

const counted = (count: number, what: string): string[] =>
  count > 1 ? [`${what} (${count})`] : count === 1 ? [what] : [];

const way = (inReplies: readonly string[]): string => (inReplies.length > 0 ? 'in reply' : 'as a message of its own');

const FATES: readonly Fate[] = ['killed', 'fails before', 'fails after'];

/** Every step of a process, with everything that may become of it there. */
async function atEveryStep(
  tried: (life: Mortal) => Promise<Pick<Outcome, 'kept' | 'sees'>>,
): Promise<readonly Outcome[]> {
  const whole = mortal();
  await tried(whole);
  const cases = whole.steps.flatMap((name, at) => FATES.map((fate) => ({ name, number: at + 1, fate })));
  return fewAtOnce(
    cases.map(({ name, number, fate }) => async (): Promise<Outcome> => {
      const where = `${number}. ${STEPS[name] ?? name}`;
      return { fault: WORDS[fate], where, ...(await tried(mortal(number, fate))) };
    }),
  );
}

const STEPS: Record<string, string> = {
  'GetItem pending': 'read `pending`',
  'PutItem pending': 'put into `pending`',
  'UpdateItem pending': 'note in `pending`',
  'PutItem interactions': 'write the history',
  Lambda: 'invoke `slow-replies`',
  WeChat: 'send a message',
};

const WORDS: Record<Fate, string> = {
  killed: 'killed after it',
  'fails before': 'fails',
  'fails after': 'fails, though done',
};

const attempt: Scenario = {
  title: "A slow reply, of 0.4 s: WeChat's first attempt",
  run: () =>
    atEveryStep(async (first) => {
      const here = world({ takesMs: 400, mayBeMessaged: true });
      return here.outcome([await here.deliver(here.message('slow'), { first })], 1);
    }),
};

const answers: Scenario = {
  title: 'A slow reply, of 30 s: the slow-replies function',
  run: () =>
    atEveryStep(async (answersLife) => {
      const here = world({ takesMs: 30_000, mayBeMessaged: true });
      return here.outcome([await here.deliver(here.message('slow'), { answersLife })], 1);
    }),
};

const unsendable: Scenario = {
  title: 'A slow reply, of 30 s, of an account that may send no messages: the slow-replies function',
  run: () =>
    atEveryStep(async (answersLife) => {
      const here = world({ takesMs: 30_000, mayBeMessaged: false });
      const seen = [await here.deliver(here.message('slow'), { answersLife })];
      await here.clock.sleep(60_000);
      seen.push(await here.deliver(here.picture(2)));
      return here.outcome(seen, 2);
    }),
};

const waiting: Scenario = {
  title: "A slow reply that waits for the follower's next message: the first attempt of that one",
  run: () =>
    atEveryStep(async (first) => {
      const here = world({ takesMs: 30_000, mayBeMessaged: false });
      const seen = [await here.deliver(here.message('slow'))];
      await here.clock.sleep(60_000);
      seen.push(await here.deliver(here.message('hello?', 2), { first }));
      seen.push(await here.deliver(here.message('hello??', 3)));
      return here.outcome(seen, 3);
    }),
};

const waitingLong: Scenario = {
  title: 'Two slow replies that wait, too long for one reply: the first attempt of the next message',
  run: () =>
    atEveryStep(async (first) => {
      const here = world({ takesMs: 30_000, mayBeMessaged: false });
      const seen = [await here.deliver(here.message('slow1')), await here.deliver(here.message('slow2', 1))];
      await here.clock.sleep(60_000);
      seen.push(await here.deliver(here.picture(4), { first }));
      for (const minutes of [5, 6, 7]) seen.push(await here.deliver(here.picture(minutes)));
      const outcome = await here.outcome(seen, 6);
      expect(outcome).toMatchObject({ sees: expect.stringContaining('(2)') });
      return outcome;
    }),
};

export const SLOW_REPLY_SCENARIOS = [attempt, answers, unsendable, waiting, waitingLong];
