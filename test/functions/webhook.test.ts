import fc from 'fast-check';
import { type Decision, welcoming } from '../../functions/webhook/decide.ts';
import { handler } from '../../functions/webhook/handler.ts';
import { documentClient } from '../../lib/aws/dynamodb.ts';
import { parseXml } from '../../lib/wechat/callback/xml.ts';
import { kindOf, readDelivery } from '../../lib/wechat/deliveries/delivery.ts';
import { DELIVERIES } from '../fixtures/deliveries.ts';
import { compatible, KEY, NOW, plain, safe, subscription, textMessage, unsealed } from '../support/callback.ts';
import { CANARY } from '../support/canary.ts';
import { flakyDatabase } from '../support/flaky-database.ts';
import { makeTables, put } from '../support/tables.ts';
import { everyInteraction, instance, recordingIn } from '../support/webhook.ts';

beforeAll(makeTables);

const interactionsOf = async (openid: string) => (await everyInteraction()).filter((kept) => kept.openid === openid);

describe('a text message', () => {
  it('is answered in the mode it came in, and recorded with its answer', async () => {
    const xml = textMessage(`你好 ${CANARY}`, { from: 'o-modes' });

    const answer = await instance('safe')(safe(xml));

    expect(answer).toMatchObject({ statusCode: 200, headers: { 'Content-Type': 'text/xml; charset=utf-8' } });
    expect(unsealed(answer.body ?? '')).toMatchObject({
      ToUserName: 'o-modes',
      FromUserName: 'gh_demo00000001',
      CreateTime: '1767225600',
      MsgType: 'text',
      Content: `你好 ${CANARY}`,
    });
    expect(await interactionsOf('o-modes')).toMatchObject([
      {
        direction: 'in',
        kind: 'text',
        details: { content: `你好 ${CANARY}` },
        reply: { type: 'text', content: `你好 ${CANARY}` },
        received: expect.stringMatching(/^1767225600000#/),
      },
    ]);
  });

  it('is answered sealed in compatible mode', async () => {
    const answer = await instance('compatible')(compatible(textMessage('hi', { from: 'o-compatible' })));

    expect(unsealed(answer.body ?? '')).toMatchObject({ Content: 'hi' });
  });

  it('is answered plainly in plain mode', async () => {
    const answer = await instance('plain')(plain(textMessage('hi', { from: 'o-plain' })));

    expect(parseXml(answer.body ?? '')).toMatchObject({ Content: 'hi', ToUserName: 'o-plain' });
  });

  it('is accepted as safe mode sends it where compatible is set, and the other way round', async () => {
    expect((await instance('compatible')(safe(textMessage('a')))).statusCode).toBe(200);
    expect((await instance('safe')(compatible(textMessage('b')))).statusCode).toBe(200);
  });

  it('is opened with the previous EncodingAESKey while it is being changed, and answered with the same', async () => {
    const current = Buffer.alloc(32, 7);
    const changing = instance('safe', {
      account: { appId: 'wx0123456789abcdef', token: 'PawTok3n2026', keys: [current, KEY], mode: 'safe' },
    });

    const answer = await changing(safe(textMessage('mid-change')));

    expect(unsealed(answer.body ?? '')).toMatchObject({ Content: 'mid-change' });
  });

  it('arrives in base64 as well', async () => {
    const made = safe(textMessage('base64', { from: 'o-base64' }));

    const answer = await instance()({
      ...made,
      body: Buffer.from(made.body ?? '').toString('base64'),
      isBase64Encoded: true,
    });

    expect(unsealed(answer.body ?? '')).toMatchObject({ Content: 'base64' });
  });

  it.each([
    ['a closed CDATA section', 'a]]>b'],
    ['two of them', ']]>]]>'],
    ['markup', '<b>&amp;</b> & <!DOCTYPE x>'],
    ['emoji and other 4-byte characters', '👩‍👩‍👧 𠮷野家 🇨🇳'],
    ['leading and trailing blanks', '   007  \n '],
    ['leading zeros', '0012'],
    ['what looks like a number or a truth', '1e5'],
    ['a truth', 'true'],
  ])('with %s is recorded and answered byte for byte', async (name, content) => {
    const from = `o-${Buffer.from(name).toString('hex').slice(0, 40)}`;

    const answer = await instance()(safe(textMessage(content, { from })));

    expect(unsealed(answer.body ?? '').Content).toBe(content);
    expect(await interactionsOf(from)).toMatchObject([{ details: { content } }]);
  });

  it('of any content is recorded and answered byte for byte', async () => {
    const legal = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }).map((text) =>
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 cannot hold, and the line end it rewrites
      text.replace(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g, '.'),
    );
    await fc.assert(
      fc.asyncProperty(legal, async (content) => {
        const answer = await instance()(safe(textMessage(content, { from: 'o-any' })));
        expect(unsealed(answer.body ?? '').Content).toBe(content);
      }),
      { numRuns: 100, seed: 20261122 },
    );
  });

  it('keeps a MsgId above 2^53 to the last digit', async () => {
    await instance()(safe(textMessage('big', { from: 'o-big', id: '9223372036854775807' })));

    expect(await interactionsOf('o-big')).toMatchObject([
      { created: '1767225600#9223372036854775807', details: { msg_id: '9223372036854775807' } },
    ]);
  });
});

describe('every message and event of the protocol page', () => {
  it.each(Object.entries(DELIVERIES))('%s is recorded once, in its own fields', async (name, xml) => {
    const from = `o-kind-${name}`;
    const personal = xml.replaceAll('oDemo0001', from).replaceAll('oDemo0002', from);

    const answer = await instance('safe', { decide: async () => ({ reply: null }) })(safe(personal));

    expect(answer).toMatchObject({ statusCode: 200, body: 'success' });
    const delivery = readDelivery(parseXml(personal));
    const kept = (await everyInteraction()).filter(
      (each) => each.openid === delivery.from && each.kind === kindOf(delivery),
    );
    expect(kept).toHaveLength(1);
    const { to, from: _, createTime, type, ...facts } = delivery;
    const { id, event, ...rest } = facts as { id?: string; event?: string };
    const details = type === 'unknown' && event ? { event, ...rest } : rest;
    expect(kept[0]?.details).toEqual({ ...details, ...(type !== 'event' && type !== 'unknown' && { msg_id: id }) });
  });

  it('a type nobody has heard of is recorded whole and answered success', async () => {
    const xml =
      '<xml><ToUserName>gh</ToUserName><FromUserName>o-new</FromUserName><CreateTime>1767225600</CreateTime>' +
      '<MsgType>hologram</MsgType><Depth><Left>1</Left><Left>2</Left></Depth></xml>';

    const answer = await instance()(safe(xml));

    expect(answer).toMatchObject({ statusCode: 200, body: 'success' });
    expect(await interactionsOf('o-new')).toMatchObject([
      { kind: 'unknown.hologram', details: { msg_type: 'hologram', fields: { Depth: { Left: ['1', '2'] } } } },
    ]);
  });

  it('a delivery that names no follower is kept under "-"', async () => {
    await instance()(
      safe('<xml><CreateTime>1767225600</CreateTime><MsgType>event</MsgType><Event>nobody</Event></xml>'),
    );

    expect(await interactionsOf('-')).toMatchObject([{ kind: 'unknown.event.nobody' }]);
  });
});

describe('a subscription', () => {
  it('is welcomed with the configured text', async () => {
    const answer = await instance('safe', { decide: async (delivery) => welcoming('欢迎关注！')(delivery) })(
      safe(subscription('o-welcome')),
    );

    expect(unsealed(answer.body ?? '')).toMatchObject({ MsgType: 'text', Content: '欢迎关注！' });
  });

  it('is answered success by the deployed handler when no text is configured', async () => {
    const answer = await handler(safe(subscription('o-silent', Math.floor(Date.now() / 1000)), { time: Date.now() }));

    expect(answer).toMatchObject({ statusCode: 200, body: 'success' });
    expect(await interactionsOf('o-silent')).toMatchObject([{ kind: 'event.subscribe', reply: null }]);
  });

  it('cannot be welcomed with a text WeChat would not show', () => {
    expect(() => welcoming('字'.repeat(683))).toThrow('content is 2049 bytes, at most 2048');
  });
});

describe('WeChat sends again', () => {
  it('and three instances at the same moment keep one interaction and give three equal answers', async () => {
    let decided = 0;
    const decide = async (): Promise<Decision> => ({ reply: { type: 'text', content: `answer ${++decided}` } });
    const made = safe(textMessage('three at once', { from: 'o-three' }));

    const answers = await Promise.all([1, 2, 3].map(() => instance('safe', { decide })(made)));

    const contents = answers.map(({ body }) => unsealed(body ?? ''));
    expect(decided).toBe(3);
    expect(contents[1]).toEqual(contents[0]);
    expect(contents[2]).toEqual(contents[0]);
    expect(await interactionsOf('o-three')).toHaveLength(1);
  });

  it('later, and the retry is answered like the first attempt, dated like it', async () => {
    const xml = textMessage('retry', { from: 'o-retry' });
    const first = await instance()(safe(xml));
    const laterAnswer = instance('safe', {
      decide: async () => ({ reply: { type: 'text', content: 'another' } }),
      now: () => NOW + 5_000,
    });

    const retry = await laterAnswer(safe(xml, { time: NOW + 5_000 }));

    expect(unsealed(retry.body ?? '')).toEqual(unsealed(first.body ?? ''));
  });

  it('the same MsgId for two followers, and both are kept', async () => {
    await instance()(safe(textMessage('a', { from: 'o-twin-1', id: '77' })));
    await instance()(safe(textMessage('b', { from: 'o-twin-2', id: '77' })));

    expect(await interactionsOf('o-twin-1')).toHaveLength(1);
    expect(await interactionsOf('o-twin-2')).toHaveLength(1);
  });

  it('and two events of one second that differ in one field are two interactions', async () => {
    const [one, two] = ['1', '2'].map(
      (id) =>
        `<xml><FromUserName>o-jobs</FromUserName><CreateTime>1767225600</CreateTime><MsgType>event</MsgType>` +
        `<Event>TEMPLATESENDJOBFINISH</Event><MsgID>${id}</MsgID><Status>success</Status></xml>`,
    );
    await instance()(safe(one ?? ''));
    await instance()(safe(two ?? ''));

    expect(await interactionsOf('o-jobs')).toHaveLength(2);
  });
});

describe('the record', () => {
  it('never overwrites an interaction', async () => {
    const record = recordingIn(documentClient({ DYNAMODB_ENDPOINT: process.env.DYNAMODB_ENDPOINT }));
    const delivery = readDelivery(parseXml(textMessage('first', { from: 'o-once', id: '1' })));
    if (delivery.type !== 'text') throw new TypeError('the fixture is a text');
    const taken = { sortKey: '1767225600#1', receivedAt: NOW, kind: 'text', reply: null };
    await record.message(delivery, taken);

    const again = await record.message(
      { ...delivery, content: 'forged' },
      { ...taken, reply: { type: 'text', content: 'x' } },
    );

    expect(again).toEqual({ reply: null, receivedAt: NOW, isRepeated: true });
    expect(await interactionsOf('o-once')).toMatchObject([{ details: { content: 'first' } }]);
  });

  it.each([
    ['of a type nobody knows', { type: 'hologram', media_id: 'M' }],
    ['without its content', { type: 'text' }],
    ['that is no reply', 'hi'],
  ])('of a later version, with a reply %s, is answered with success and stays', async (what, reply) => {
    const xml = textMessage('hi', { from: `o-${what.length}`, id: '1' });
    const created = '1767225600#1';
    const row = {
      openid: `o-${what.length}`,
      created,
      received: `${NOW}#1`,
      day: '2026-01-01#0',
      reply,
      direction: 'in',
    };
    await put('interactions', [row]);

    const decide = async () => ({ reply: { type: 'text', content: 'another' } as const, answered_by: 'code:text' });
    expect(await instance('safe', { decide })(safe(xml))).toMatchObject({ statusCode: 200, body: 'success' });
    expect(await interactionsOf(row.openid)).toEqual([row]);
  });

  it('is refused past five seconds when DynamoDB stays away, so that WeChat sends again', async () => {
    const away = await flakyDatabase(() => 'error 500');
    const slept: number[] = [];
    const unlucky = instance('safe', {
      record: recordingIn(documentClient({ DYNAMODB_ENDPOINT: away.url })),
      sleep: async (ms) => slept.push(ms),
    });

    const answer = await unlucky(safe(textMessage(CANARY, { from: 'o-away' })));
    away.close();

    expect(answer.statusCode).toBe(503);
    expect(slept).toEqual([5_200]);
    expect(await interactionsOf('o-away')).toEqual([]);
  });
});
