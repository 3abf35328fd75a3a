import { type Handlers, slow } from '../../lib/replies/handlers.ts';
import type { DeliveryOf } from '../../lib/wechat/deliveries/delivery.ts';
import { textMessage } from '../support/callback.ts';
import { linesLogged } from '../support/logged.ts';
import { slowWorld } from '../support/slow-world.ts';
import { makeTables } from '../support/tables.ts';
import { everyInteraction } from '../support/webhook.ts';

beforeAll(makeTables);

let followers = 0;
const newFollower = () => `o-long-${++followers}`;

/** So many sentences, each with its number. */
const story = (sentences: number) => Array.from({ length: sentences }, (_, at) => `第${at}句话，讲一个故事。`).join('');
const bytesOf = (text: string) => Buffer.byteLength(text);
const withoutLink = (text: string) => text.replace(/\n<a href="weixin:.*<\/a>$/, '');
const MAY_NOT_SEND = { isKnownToSend: false, mayBeMessaged: false };
const hasLink = (text: string) => text !== withoutLink(text);

/** What the follower sees who taps the link in a text, then the link in what came, to the end. */
async function tappedThrough(here: World, text = '', from: string): Promise<string[]> {
  if (!hasLink(text)) return [];
  const { sees } = await here.deliver(here.tapOn(text, from));
  return [sees, ...(await tappedThrough(here, sees, from))];
}

type World = ReturnType<typeof slowWorld>;

const FIVE_PARTS = story(290);

/** How the reply comes: at once, after 3 s, after 20 s, or from a rule. */
const WAYS: readonly [string, (content: string, here: () => World) => Partial<Parameters<typeof slowWorld>[0]>][] = [
  ['of a fast handler', (content) => ({ handlers: { text: () => content } })],
  ['of a rule', (content) => ({ rules: async () => ({ reply: { type: 'text', content }, answered_by: 'rule:1' }) })],
  [
    'of a slow handler, in time',
    (content, here) => ({
      handlers: {
        text: slow(() =>
          here()
            .clock.sleep(3_000)
            .then(() => content),
        ),
      },
    }),
  ],
  [
    'of a slow handler, late',
    (content, here) => ({
      handlers: {
        text: slow(() =>
          here()
            .clock.sleep(20_000)
            .then(() => content),
        ),
      },
    }),
  ],
];

describe.each(WAYS)('a reply over 2,048 bytes %s', (way, make) => {
  const isLate = way.endsWith('late');

  it('goes out as the reply, two messages and a link, where the account may send messages', async () => {
    const here: World = slowWorld({ handlers: {}, isKnownToSend: true, ...make(FIVE_PARTS, () => here) });
    const from = newFollower();

    const { sees } = await here.deliver(textMessage('讲个故事', { from }));
    await here.finish();
    const messages = here.sent.map(({ content }) => content);
    const got = [...(isLate ? [] : [sees]), ...messages];
    expect(messages).toHaveLength(2);
    expect(got.map(hasLink)).toEqual(got.map((_, at) => at === got.length - 1));
    got.push(...(await tappedThrough(here, got.at(-1), from)));

    expect(got.map(withoutLink).join('')).toBe(FIVE_PARTS);
    expect(Math.max(...got.map(bytesOf))).toBeLessThanOrEqual(2_048);
    expect(here.sent).toHaveLength(2);
  });

  it('is tapped through part by part, where it may not', async () => {
    const here: World = slowWorld({ handlers: {}, ...MAY_NOT_SEND, ...make(FIVE_PARTS, () => here) });
    const from = newFollower();

    const { sees } = await here.deliver(textMessage('讲个故事', { from }));
    await here.finish();
    const got = [isLate ? (await here.deliver(here.tapOn(sees, from))).sees : sees];
    got.push(...(await tappedThrough(here, got.at(-1), from)));

    expect(got.map(withoutLink).join('')).toBe(FIVE_PARTS);
    expect(here.sent).toEqual([]);
    const kept = JSON.stringify((await everyInteraction()).filter(({ openid }) => openid === from));
    for (const part of got) expect(kept).toContain(JSON.stringify(withoutLink(part)).slice(1, -1));
  });

  it('is read on by the word, typed, as test accounts deliver a tap', async () => {
    const here: World = slowWorld({ handlers: {}, ...MAY_NOT_SEND, ...make(FIVE_PARTS, () => here) });
    const from = newFollower();

    const { sees } = await here.deliver(textMessage('讲个故事', { from }));
    await here.finish();
    const got = isLate ? [] : [sees];
    while (got.length < 5)
      got.push((await here.deliver(here.message(got.length === 0 ? '看回答' : ' 继续看 ', from))).sees);

    expect(got.map(withoutLink).join('')).toBe(FIVE_PARTS);
  });

  it('is repeated the same, whatever WeChat repeats', async () => {
    const here: World = slowWorld({ handlers: {}, ...MAY_NOT_SEND, ...make(FIVE_PARTS, () => here) });
    const from = newFollower();
    const xml = textMessage('讲个故事', { from });

    const one = await here.deliver(xml);
    const again = await here.deliver(xml);
    await here.finish();
    const tap = here.tapOn(one.sees, from);
    const taps = await Promise.all([here.deliver(tap), here.deliver(tap)]);

    expect(again.sees).toBe(one.sees);
    expect(taps[1]?.sees).toBe(taps[0]?.sees);
  });
});

describe('a reply of exactly 2,048 bytes', () => {
  it('goes out whole, and one byte more does not', async () => {
    const handlers: Handlers = { text: ({ content }) => 'a'.repeat(Number(content)) };
    const here = slowWorld({ handlers, isKnownToSend: false });

    expect((await here.deliver(here.message('2048', newFollower()))).sees).toBe('a'.repeat(2_048));
    const more = await here.deliver(here.message('2049', newFollower()));
    expect(hasLink(more.sees)).toBe(true);
    await here.finish();
  });
});

describe('a reply longer than any may be', () => {
  it('is cut off at 64 KB, and the log names the limit, not the text', async () => {
    const logged = linesLogged('ERROR');
    const handlers: Handlers = { text: () => '机密'.repeat(100_000) };
    const here = slowWorld({ handlers, isKnownToSend: false, mayBeMessaged: false });

    const { sees } = await here.deliver(textMessage('x', { from: newFollower() }));
    await here.finish();

    expect(withoutLink(sees).startsWith('机密')).toBe(true);
    const lines = logged();
    expect(lines).toMatchObject([{ kind: 'text', limit: expect.stringContaining('65536 bytes'), replies_lost: 1 }]);
    expect(JSON.stringify(lines)).not.toContain('机密');
  });
});

describe('characters that WeChat cannot take', () => {
  const said = (content: string) =>
    content.includes('色') ? 'ok \u001b[31mred\u001b[0m' : `${'a'.repeat(599)}😀`.slice(0, 600);

  it.each([
    ['at once', 0],
    ['in time', 3_000],
    ['late', 20_000],
  ])('are left out of a reply that comes %s', async (_, ms) => {
    const handler = async ({ content }: { content: string }) => here.clock.sleep(ms).then(() => said(content));
    const here: World = slowWorld({
      handlers: { text: ms === 0 ? ({ content }) => said(content) : slow<DeliveryOf<'text'>>(handler) },
      isKnownToSend: true,
    });

    const seen = [];
    for (const content of ['晚', '晚色']) seen.push((await here.deliver(here.message(content, newFollower()))).sees);
    await here.finish();

    const got = ms === 20_000 ? here.sent.map(({ content }) => content) : seen;
    expect(got).toEqual(['a'.repeat(599), 'ok [31mred[0m']);
  });

  it('are all that a reply has: it is none, and the log says so', async () => {
    const logged = linesLogged('ERROR');
    const here = slowWorld({ handlers: { text: () => '\u0000\ud83d' } });
    expect((await here.deliver(textMessage('x', { from: newFollower() }))).sees).toBe('');
    expect(logged()).toMatchObject([{ limit: 'content is empty', replies_lost: 1 }]);
  });
});

describe('a late reply that no message can be', () => {
  it.each<[string, Awaited<ReturnType<Extract<NonNullable<Handlers['image']>, (delivery: never) => unknown>>>]>([
    ['video', { type: 'video', media_id: 'M' }],
    ['transfer_customer_service', { type: 'transfer_customer_service' }],
    ['music', { type: 'music', thumb_media_id: 'T' }],
  ])('is announced by a message with a link, which fetches it: %s', async (type, reply) => {
    const handlers: Handlers = { text: slow(() => here.clock.sleep(20_000).then(() => reply)) };
    const here: World = slowWorld({ handlers, isKnownToSend: true });
    const from = newFollower();

    await here.deliver(textMessage('x', { from }));
    await here.finish();
    const [message] = here.sent;

    expect(message?.content).toMatch(/^<a href="weixin:.*>看回答<\/a>$/);
    expect((await here.deliver(here.tapOn(message?.content ?? '', from))).sees).toBe(`[${type}]`);
  });
});

describe('a fast reply that cannot be given out', () => {
  it.each<[string, Handlers, string]>([
    [
      'an event may have eight articles, a message one',
      { text: () => ({ type: 'news', articles: [{ title: 'a' }, { title: 'b' }] }) },
      'articles has 2 entries, at most 1',
    ],
    ['an unknown type', { text: () => ({ type: 'hologram' }) as never }, 'type is not a type that WeChat knows'],
    ['a text without content', { text: () => ({ type: 'text' }) as never }, 'content is not a string'],
    ['an image without media_id', { text: () => ({ type: 'image', media_id: '' }) }, 'media_id is empty'],
  ])('is a metric, and a line that names the limit: %s', async (_, handlers, limit) => {
    const logged = linesLogged('ERROR');
    const here = slowWorld({ handlers });
    const from = newFollower();

    expect((await here.deliver(textMessage('x', { from }))).sees).toBe('');
    expect(logged()).toMatchObject([{ limit, kind: 'text', replies_lost: 1 }]);
    expect((await everyInteraction()).filter(({ openid }) => openid === from)).toHaveLength(1);
  });
});
