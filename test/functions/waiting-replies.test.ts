import type { Decision } from '../../functions/webhook/decide.ts';
import { type Handlers, slow } from '../../lib/replies/handlers.ts';
import { MOST_WAITING } from '../../lib/slow-replies/waiting-list.ts';
import { NOW, subscription, textMessage } from '../support/callback.ts';
import { linesLogged } from '../support/logged.ts';
import { type Life, slowWorld, WAITING_TEXT } from '../support/slow-world.ts';
import { makeTables } from '../support/tables.ts';
import { everyInteraction } from '../support/webhook.ts';

beforeAll(makeTables);

let followers = 0;
const newFollower = () => `o-waiting-${++followers}`;

type World = ReturnType<typeof slowWorld>;

/** An account that may send no messages; texts that begin with `slow` take 20 s. */
function waitingWorld(more: Handlers = {}): World {
  const here: World = slowWorld({
    mayBeMessaged: false,
    isKnownToSend: false,
    handlers: {
      text: slow(async ({ content }) => {
        if (!content.startsWith('slow')) return undefined;
        await here.clock.sleep(20_000);
        return `the answer to ${content}`;
      }),
      image: () => 'nice picture',
      ...more,
    },
  });
  return here;
}

const picture = (here: World, from: string): string =>
  here
    .message('x', from)
    .replace('[text]', '[image]')
    .replace(/<Content>.*<\/Content>/, '<MediaId>M</MediaId>');

/** Asks, and lets the reply come too late. */
async function askLate(here: World, content: string, from: string): Promise<string> {
  const { sees } = await here.deliver(here.message(content, from));
  await here.finish();
  return sees;
}

/** What a life of a process asked of the tables. */
function counting(): Life & { readonly asked: string[] } {
  const asked: string[] = [];
  const using: Life['using'] = (db) =>
    new Proxy(db, {
      get: (target, name) => {
        if (name !== 'send') return Reflect.get(target, name);
        return (command: object, ...rest: unknown[]) => {
          asked.push(command.constructor.name);
          return (db.send as (...args: unknown[]) => unknown)(command, ...rest);
        };
      },
    });
  return { asked, using, step: (_, work) => work, died: new Promise(() => undefined) };
}

describe('what waits', () => {
  it('comes with the next message, once', async () => {
    const here = waitingWorld();
    const from = newFollower();
    await askLate(here, 'slow', from);

    expect((await here.deliver(here.message('hello?', from))).sees).toBe('the answer to slow');
    expect((await here.deliver(here.message('hello again', from))).sees).toBe('');
  });

  it('comes together with what the next message is answered with, and so when that is repeated', async () => {
    const here = waitingWorld();
    const from = newFollower();
    await askLate(here, 'slow', from);
    const image = picture(here, from);

    expect((await here.deliver(image)).sees).toBe('the answer to slow\n\nnice picture');
    expect((await here.deliver(image)).sees).toBe('the answer to slow\n\nnice picture');
  });

  it('is left out where it does not go together, and waits on', async () => {
    const here = waitingWorld({ image: () => ({ type: 'image', media_id: 'M' }) });
    const from = newFollower();
    await askLate(here, 'slow', from);

    expect((await here.deliver(picture(here, from))).sees).toBe('[image]');
    expect((await here.deliver(here.message('hello?', from))).sees).toBe('the answer to slow');
  });

  it('comes in its turn when several are too long for one reply, each once', async () => {
    const handlers: Handlers = {
      text: slow(async ({ content }) => {
        await here.clock.sleep(content === 'c' ? 1_000 : 20_000);
        return content.repeat(1_500);
      }),
      image: () => undefined,
    };
    const here = waitingWorld(handlers);
    const from = newFollower();
    for (const content of ['a', 'b']) await here.deliver(here.message(content, from));
    await here.finish();
    const seen = [(await here.deliver(here.message('c', from))).sees];
    await here.finish();
    for (let pictures = 0; pictures < 3; pictures++) seen.push((await here.deliver(picture(here, from))).sees);

    expect(seen).toEqual(['a'.repeat(1_500), 'b'.repeat(1_500), 'c'.repeat(1_500), '']);
  });

  it('does not bring the rest of a reply whose beginning the follower has read, with a link', async () => {
    const here = waitingWorld({ image: () => '图'.repeat(1_000) });
    const from = newFollower();
    const { sees } = await here.deliver(picture(here, from));
    await here.finish();

    expect((await here.deliver(here.message('something else', from))).sees).toBe('');
    expect((await here.deliver(here.tapOn(sees, from))).sees).toMatch(/^图+$/);
  });

  it('is given to one of two messages that come at once', async () => {
    const here = waitingWorld();
    const from = newFollower();
    await askLate(here, 'slow', from);

    const seen = await Promise.all([picture(here, from), picture(here, from)].map((xml) => here.deliver(xml)));

    expect(seen.filter(({ sees }) => sees.includes('the answer'))).toHaveLength(1);
  });

  it('that came to it after a message was recorded stays for the next', async () => {
    const here = waitingWorld();
    const from = newFollower();
    const xml = picture(here, from);
    expect((await here.deliver(xml)).sees).toBe('nice picture');
    await askLate(here, 'slow', from);

    expect((await here.deliver(xml)).sees).toBe('nice picture');
    expect((await here.deliver(here.message('hello?', from))).sees).toBe('the answer to slow');
  });

  it('is bounded: the oldest is dropped, and the log counts it', async () => {
    const here = waitingWorld({
      'event.subscribe': slow(({ from }) => here.clock.sleep(20_000).then(() => `hello ${from}`)),
    });
    const from = newFollower();
    const logged = linesLogged('ERROR');
    for (let times = 0; times <= MOST_WAITING; times++) await here.deliver(subscription(from, NOW / 1000 - times));
    await here.finish();

    expect(await here.ports.table.readWaiting(from)).toHaveLength(MOST_WAITING);
    const lines = logged();
    expect(lines).toMatchObject([{ at_most: MOST_WAITING, slow_replies_dropped: 1 }]);
    expect(JSON.stringify(lines)).not.toContain(from);
    expect((await here.deliver(here.message('hello?', from))).sees).toContain(`hello ${from}`);
  });
});

describe('what waits, while the rules cannot be read', () => {
  it('is not used up by the attempt that is held, and comes with the repetition', async () => {
    let isReadable = true;
    const rules = async (): Promise<Decision> => {
      if (!isReadable) {
        isReadable = true;
        return { reply: null, isUndecided: true };
      }
      return { reply: { type: 'text', content: 'of a rule' }, answered_by: 'rule:1' };
    };
    const handlers: Handlers = { text: slow(() => here.clock.sleep(20_000).then(() => 'late')) };
    const here: World = slowWorld({ handlers, rules, mayBeMessaged: false, isKnownToSend: false });
    const from = newFollower();
    await askLate(here, 'slow', from);
    isReadable = false;

    expect(await here.deliver(picture(here, from))).toMatchObject({ sees: 'late\n\nof a rule', attempt: 2 });
    expect((await everyInteraction()).filter(({ created }) => created.endsWith('~reply'))).toMatchObject([
      { details: { content: 'late\n\nof a rule' }, answered_by: 'rule:1' },
    ]);
  });
});

describe('a tap', () => {
  it('takes what it fetched from what the next message brings', async () => {
    const here = waitingWorld();
    const from = newFollower();
    const link = await askLate(here, 'slow', from);

    expect((await here.deliver(here.tapOn(link, from))).sees).toBe('the answer to slow');
    expect((await here.deliver(here.message('hello?', from))).sees).toBe('');
  });

  it('of one of two replies fetches that one', async () => {
    const here = waitingWorld();
    const from = newFollower();
    const [one, two] = [await askLate(here, 'slow one', from), await askLate(here, 'slow two', from)];

    expect((await here.deliver(here.tapOn(two, from))).sees).toBe('the answer to slow two');
    expect((await here.deliver(here.tapOn(one, from))).sees).toBe('the answer to slow one');
  });

  it('comes before handlers and rules, and is recorded with what it fetched', async () => {
    const here = waitingWorld({ text: slow(async () => here.clock.sleep(20_000).then(() => 'of a handler')) });
    const from = newFollower();
    const link = await askLate(here, 'slow', from);
    const runs = here.started.length;

    expect((await here.deliver(here.tapOn(link, from))).sees).toBe('of a handler');
    expect(here.started).toHaveLength(runs);
    const taps = (await everyInteraction()).filter(({ openid, details }) => openid === from && details.bizmsgmenuid);
    expect(taps).toMatchObject([{ reply: { content: 'of a handler' }, answered_by: 'code:text' }]);
  });

  it.each<[string, (id: string) => string, string]>([
    ['on another follower’s link', (id) => id, 'o-another'],
    ['with an id that was guessed', (id) => id.replace(/.{22}-0$/, `${'A'.repeat(22)}-0`), ''],
    ['on a part that is not there', (id) => id.replace(/-0$/, '-7'), ''],
  ])('%s fetches nothing', async (_, changed, another) => {
    const here = waitingWorld();
    const from = newFollower();
    const link = await askLate(here, 'slow', from);
    const id = /msgmenuid=([\w-]+)/.exec(link)?.[1] ?? '';

    const { sees } = await here.deliver(here.tapOn(link.replace(id, changed(id)), another || from));

    expect(sees).toBe('这条回答已经过期，请再问一次。');
  });

  it('is of no use after 24 hours', async () => {
    const here = waitingWorld();
    const from = newFollower();
    const link = await askLate(here, 'slow', from);
    await here.clock.sleep(24 * 3_600_000);

    expect((await here.deliver(here.tapOn(link, from))).sees).toBe('这条回答已经过期，请再问一次。');
  });

  it('whose reply cannot be read is recorded, held, and answered by the repetition', async () => {
    const here = waitingWorld();
    const from = newFollower();
    const link = await askLate(here, 'slow', from);
    let isFirst = true;
    const life = counting();
    const failing: Life = {
      ...life,
      using: (db) =>
        new Proxy(db, {
          get: (target, name) => {
            if (name !== 'send') return Reflect.get(target, name);
            return (command: { constructor: { name: string } }, ...rest: unknown[]) => {
              if (isFirst && command.constructor.name === 'GetCommand') {
                isFirst = false;
                return Promise.reject(new Error('throttled'));
              }
              return (db.send as (...args: unknown[]) => unknown)(command, ...rest);
            };
          },
        }),
    };

    const shown = await here.deliver(here.tapOn(link, from), { first: failing });

    expect(shown).toMatchObject({ sees: 'the answer to slow', attempt: 2 });
  });

  it('on the choice of a menu that an operator sent is a message like others', async () => {
    const here = slowWorld({ handlers: { text: ({ bizmsgmenuid }) => `you chose ${bizmsgmenuid}` } });
    const xml = here.message('满意', newFollower()).replace('</xml>', '<bizmsgmenuid>101</bizmsgmenuid></xml>');
    expect((await here.deliver(xml)).sees).toBe('you chose 101');
  });
});

describe('the word', () => {
  it('fetches what waits, and is a message like others where nothing does', async () => {
    const here = slowWorld({ handlers: { text: ({ content }) => `you said ${content}` } });
    expect((await here.deliver(here.message('看回答', newFollower()))).sees).toBe('you said 看回答');

    const other = waitingWorld();
    const from = newFollower();
    await askLate(other, 'slow', from);
    expect((await other.deliver(other.message('看回答', from))).sees).toBe('the answer to slow');
  });

  it('says that it takes longer while it does', async () => {
    const here = waitingWorld();
    const from = newFollower();
    await here.deliver(here.message('slow', from));

    const early = await here.deliver(here.message('看回答', from));
    await here.finish();

    expect(early.sees).toContain(WAITING_TEXT);
    expect((await here.deliver(here.message('看回答', from))).sees).toBe('the answer to slow');
  });
});

describe('one message', () => {
  it.each<[string, Handlers, string[]]>([
    ['is one write and no read without a slow handler', { text: () => 'hi' }, ['PutCommand']],
    [
      'is one read more with a slow handler of another kind',
      { text: () => 'hi', image: slow(() => 'later') },
      ['GetCommand', 'PutCommand'],
    ],
  ])('%s', async (_, handlers, asked) => {
    const here = slowWorld({ handlers });
    const life = counting();

    expect((await here.deliver(textMessage('hello', { from: newFollower() }), { first: life })).sees).toBe('hi');

    expect(life.asked).toEqual(asked);
  });
});
