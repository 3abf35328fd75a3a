import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { deciding } from '../../functions/webhook/decide.ts';
import { webhook } from '../../functions/webhook/webhook.ts';
import { log } from '../../lib/log.ts';
import { type Handlers, type Said, slow } from '../../lib/replies/handlers.ts';
import { slowReplies } from '../../lib/slow-replies/attempt.ts';
import type { SlowReplyRequest } from '../../lib/slow-replies/request.ts';
import { slowReplyRun } from '../../lib/slow-replies/run.ts';
import { slowRepliesTable } from '../../lib/tables/slow-replies.ts';
import { WeChatError } from '../../lib/wechat/error.ts';
import { APP_ID, KEY, NOW, safe, TOKEN, textMessage, unsealed } from '../support/callback.ts';
import { virtualClock } from '../support/clock.ts';
import { database, makeTables, tableNamed } from '../support/tables.ts';
import { everyInteraction, recordingIn } from '../support/webhook.ts';

beforeAll(makeTables);

const CUT_MS = 5_000;

type World = { handlers: Handlers; mayBeMessaged?: boolean; asksFailing?: number };

/** The service with its two functions, WeChat with its three attempts, and what a follower sees of it. */
function world({ handlers, mayBeMessaged = true, asksFailing = 0 }: World) {
  const clock = virtualClock(NOW);
  const db = database();
  const send = clock.counted(db.send.bind(db) as (...args: unknown[]) => Promise<unknown>);
  const counted = new Proxy(db, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)) });
  const sent: string[] = [];
  const wechat = clock.counted(async (_path: string, request: { body?: unknown } = {}) => {
    if (!mayBeMessaged) throw new WeChatError({ reason: 'refused', errcode: 48001, errmsg: 'api unauthorized' });
    sent.push((request.body as { text: { content: string } }).text.content);
    return { errcode: 0 };
  });
  const ports = {
    table: slowRepliesTable(counted as DynamoDBDocumentClient, tableNamed('pending'), clock.now),
    record: recordingIn(counted as DynamoDBDocumentClient),
    ...clock,
  };
  const answers = slowReplyRun({ handlers, wechat, ...ports });
  const made: Promise<void>[] = [];
  const asked: SlowReplyRequest[] = [];
  const ask = async (request: SlowReplyRequest) => {
    asked.push(request);
    if (asked.length <= asksFailing) throw new Error('Lambda is throttled');
    made.push(answers(JSON.parse(JSON.stringify(request))));
  };
  const instance = () =>
    webhook({
      account: { appId: APP_ID, token: TOKEN, keys: [KEY], mode: 'safe' },
      decide: deciding({ handlers, rules: async () => ({ reply: null }), welcomeText: undefined }),
      slow: slowReplies({ ask, ...ports }),
      ...ports,
    });

  /** Sends as WeChat does: three attempts, each cut after five seconds. Says what the follower sees, and when. */
  async function deliver(xml: string): Promise<{ sees: string; attempt: number; after_s: number }> {
    const start = clock.now();
    for (let attempt = 1; attempt <= 3; attempt++) {
      const answer = await Promise.race([
        instance()(safe(xml, { time: clock.now() })),
        clock.sleep(CUT_MS).then(() => undefined),
      ]);
      const sees = answer === undefined ? undefined : seen(answer);
      if (sees !== undefined) return { sees, attempt, after_s: Math.round((clock.now() - start) / 1000) };
    }
    return { sees: '该公众号提供的服务出现故障', attempt: 3, after_s: 15 };
  }
  return { clock, deliver, sent, asked, finish: () => Promise.all(made), ...ports };
}

function seen({ statusCode, body = '' }: APIGatewayProxyStructuredResultV2): string | undefined {
  if (statusCode !== 200) return undefined;
  return body === 'success' ? '' : String(unsealed(body).Content);
}

const interactionsOf = async (openid: string) => (await everyInteraction()).filter((kept) => kept.openid === openid);

describe('a slow handler that takes', () => {
  it.each<[string, number, { sees: string; attempt: number; after_s: number }, string[]]>([
    ['1 s answers the first attempt', 1_000, { sees: 'done', attempt: 1, after_s: 1 }, []],
    ['4 s answers the first attempt', 4_000, { sees: 'done', attempt: 1, after_s: 4 }, []],
    ['6 s answers the second attempt', 6_000, { sees: 'done', attempt: 2, after_s: 6 }, []],
    ['12 s answers the third attempt', 12_000, { sees: 'done', attempt: 3, after_s: 12 }, []],
    ['30 s is sent as a message of its own', 30_000, { sees: '', attempt: 3, after_s: 15 }, ['done']],
  ])('%s', async (_, ms, expected, messages) => {
    let runs = 0;
    const here = world({
      handlers: {
        text: slow(async () => {
          runs++;
          await here.clock.sleep(ms);
          return 'done';
        }),
      },
    });
    const from = `o-slow-${ms}`;

    const shown = await here.deliver(textMessage('a question', { from }));
    await here.finish();

    expect(shown).toEqual(expected);
    expect(here.sent).toEqual(messages);
    expect(runs).toBe(1);
    expect(await interactionsOf(from)).toMatchObject([
      { direction: 'in', kind: 'text', pending: true, answered_by: 'code:text', reply: null },
      { direction: 'out', kind: 'text', details: { content: 'done' }, answered_by: 'code:text' },
    ]);
  });

  it.each<[string, () => Said | Promise<Said>, number]>([
    [
      'no time because it throws, and the follower is told nothing',
      () => {
        throw new Error('canary-3fd1a0c7');
      },
      0,
    ],
    ['for ever, and the follower is told nothing', () => new Promise<never>(() => undefined), 15],
    ['no time because it says nothing', () => undefined, 0],
  ])('%s', async (name, handler, after_s) => {
    const here = world({ handlers: { text: slow(handler) } });
    const from = `o-nothing-${after_s}-${name.length}`;

    const shown = await here.deliver(textMessage('a question', { from }));
    await here.finish();

    expect(shown).toMatchObject({ sees: '', after_s });
    expect(here.sent).toEqual([]);
    expect(await interactionsOf(from)).toHaveLength(1);
  });
});

describe('an answer that is late, of an account that may send no messages', () => {
  const late = (clock: () => { sleep: (ms: number) => Promise<void> }): Handlers => ({
    text: slow(async ({ content }) => {
      if (content !== 'slow question') return undefined;
      await clock().sleep(20_000);
      return 'the late answer';
    }),
    image: () => 'nice picture',
  });

  it('waits, and comes with the next message, once', async () => {
    const here = world({ handlers: late(() => here.clock), mayBeMessaged: false });
    const from = 'o-waiting';
    await here.deliver(textMessage('slow question', { from }));
    await here.finish();

    const next = await here.deliver(textMessage('hello?', { from, created: NOW / 1000 + 60 }));
    const after = await here.deliver(textMessage('hello again', { from, created: NOW / 1000 + 90 }));

    expect(next.sees).toBe('the late answer');
    expect(after.sees).toBe('');
  });

  it('comes together with what the next message is answered with', async () => {
    const here = world({ handlers: late(() => here.clock), mayBeMessaged: false });
    const from = 'o-together';
    await here.deliver(textMessage('slow question', { from }));
    await here.finish();
    const image = textMessage('x', { from, created: NOW / 1000 + 60 })
      .replace('[text]', '[image]')
      .replace(/<Content>.*<\/Content>/, '<MediaId>M</MediaId>');

    const next = await here.deliver(image);
    const repeated = await here.deliver(image);

    expect(next.sees).toBe('the late answer\n\nnice picture');
    expect(repeated.sees).toBe(next.sees);
  });

  it('comes in its turn when several are too long for one reply, each once', async () => {
    const handlers: Handlers = {
      text: slow(async ({ content }) => {
        await here.clock.sleep(content === 'c' ? 1_000 : 20_000);
        return content.repeat(1_500);
      }),
      image: () => undefined,
    };
    const here = world({ handlers, mayBeMessaged: false });
    const from = 'o-in-turn';
    for (const [at, content] of ['a', 'b'].entries()) {
      await here.deliver(textMessage(content, { from, created: NOW / 1000 + at }));
    }
    await here.finish();
    const seen: string[] = [];
    for (const [at, content] of ['c', 'image', 'image', 'image'].entries()) {
      const message = textMessage(content, { from, created: NOW / 1000 + 60 + at });
      const { sees } = await here.deliver(content === 'image' ? message.replace('[text]', '[image]') : message);
      seen.push(sees);
    }

    expect(seen).toEqual(['a'.repeat(1_500), 'b'.repeat(1_500), 'c'.repeat(1_500), '']);
    expect((await interactionsOf(from)).filter(({ direction }) => direction === 'out')).toEqual([]);
  });
});

describe('the slow-replies function', () => {
  it('runs a handler once, however often it is asked', async () => {
    let runs = 0;
    const here = world({
      handlers: {
        text: slow(async () => {
          runs++;
          await here.clock.sleep(7_000);
          return `answer ${runs}`;
        }),
      },
    });
    const xml = textMessage('at once', { from: 'o-at-once' });

    const [one, two] = await Promise.all([here.deliver(xml), here.deliver(xml)]);
    await here.finish();

    expect(runs).toBe(1);
    expect(one.sees).toBe('answer 1');
    expect(two.sees).toBe('answer 1');
    expect(await interactionsOf('o-at-once')).toHaveLength(2);
  });

  it('is asked again by the next attempt when the first could not ask', async () => {
    let failures = 0;
    const here = world({ handlers: { text: slow(() => 'after all') } });
    const failing = webhook({
      account: { appId: APP_ID, token: TOKEN, keys: [KEY], mode: 'safe' },
      decide: deciding({
        handlers: { text: slow(() => 'x') },
        rules: async () => ({ reply: null }),
        welcomeText: undefined,
      }),
      slow: slowReplies({
        ...here,
        ask: async () => {
          failures++;
          throw new Error('Lambda is throttled');
        },
      }),
      ...here,
      sleep: here.clock.sleep,
      now: here.clock.now,
    });
    const xml = textMessage('try', { from: 'o-asked-again' });

    const first = await failing(safe(xml));
    const second = await here.deliver(xml);
    await here.finish();

    expect(first.statusCode).toBe(503);
    expect(failures).toBe(1);
    expect(second.sees).toBe('after all');
  });
});

describe('an slow-replies function that cannot be asked', () => {
  it.each<[string, number, string[]]>([
    ['at first: the answer goes out as a message, and the follower sees no failure', 1, ['done']],
    ['at all: the answer is lost, and the follower sees no failure', 3, []],
  ])('%s', async (_, asksFailing, messages) => {
    const lost = jest.spyOn(log, 'error');
    const handlers = {
      text: slow(async () => {
        await here.clock.sleep(30_000);
        return 'done';
      }),
    };
    const here = world({ handlers, asksFailing });

    const shown = await here.deliver(textMessage('a question', { from: `o-unasked-${asksFailing}` }));
    await here.finish();
    const metrics = lost.mock.calls.map(([, fields]) => Object(fields).slow_replies_lost).filter(Boolean);
    lost.mockRestore();

    expect(shown).toMatchObject({ sees: '', attempt: 3 });
    expect(here.sent).toEqual(messages);
    expect(metrics).toEqual(messages.length === 0 ? [1] : []);
  });
});

describe('the time to a reply', () => {
  const counted = async (handlers: Handlers, from: string) => {
    const logged = jest.spyOn(log, 'info');
    const here = world({ handlers });
    await here.deliver(textMessage('how long?', { from }));
    await here.finish();
    const lines = logged.mock.calls.map(([, fields]) => Object(fields)).filter(({ verdict }) => verdict);
    logged.mockRestore();
    return lines.map((line) => `${line.verdict} ${'reply_ms' in line}`);
  };

  it('is counted, but for a slow handler, for which it is waited on purpose', async () => {
    expect(await counted({ text: () => 'at once' }, 'o-timed')).toEqual(['recorded true']);
    expect(await counted({ text: slow(() => 'later') }, 'o-untimed')).toEqual(['recorded false']);
  });
});

describe('a fast handler', () => {
  it.each<[string, Handlers, string]>([
    ['answers with a text', { text: ({ content }) => `you said ${content}` }, 'you said hi'],
    ['answers with a reply', { text: () => ({ type: 'text', content: 'a reply' }) }, 'a reply'],
    ['that says nothing leaves the answer to the rules', { text: () => undefined }, 'from the rules'],
    [
      'that throws says nothing, and the delivery is kept',
      {
        text: () => {
          throw new Error('x');
        },
      },
      '',
    ],
    [
      'that throws what is no error says nothing, and the delivery is kept',
      {
        text: () => {
          throw null;
        },
      },
      '',
    ],
    ['that says what WeChat would not show says nothing', { text: () => '字'.repeat(683) }, ''],
  ])('%s', async (name, handlers, sees) => {
    const from = `o-fast-${name.length}`;
    const decide = deciding({
      handlers,
      rules: async () => ({ reply: { type: 'text', content: 'from the rules' }, answered_by: 'rule:1' }),
      welcomeText: undefined,
    });
    const instance = webhook({
      account: { appId: APP_ID, token: TOKEN, keys: [KEY], mode: 'safe' },
      record: recordingIn(database()),
      decide,
      now: () => NOW,
      sleep: async () => undefined,
    });

    const answer = await instance(safe(textMessage('hi', { from })));

    expect(seen(answer)).toBe(sees);
    expect(await interactionsOf(from)).toHaveLength(1);
  });
});
