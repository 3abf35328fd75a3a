import { randomBytes } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { deciding } from '../../functions/webhook/decide.ts';
import { decideFromRules, rulesCache } from '../../lib/replies/rules/cache.ts';
import { encrypt } from '../../lib/wechat/callback/encryption.ts';
import { aRule, overBudget, reading } from '../lib/replies/rules/rules.ts';
import { APP_ID, KEY, NOW, plain, query, safe, sealed, textMessage } from '../support/callback.ts';
import { event } from '../support/events.ts';
import { logged } from '../support/logged.ts';
import { makeTables } from '../support/tables.ts';
import { everyInteraction, instance } from '../support/webhook.ts';

beforeAll(makeTables);

const SECOND = 1_000;
const captured = Buffer.from(encrypt(KEY, APP_ID, textMessage('what the follower wrote, in several blocks')), 'base64');
const block = (at: number): Buffer => captured.subarray(at * 16, at * 16 + 16);
const blocks = captured.length / 16;

/** What somebody sends who knows the Token, but not the EncodingAESKey. */
function asked(...parts: Buffer[]): APIGatewayProxyEventV2 {
  const encrypted = Buffer.concat(parts).toString('base64');
  return sealed(`<xml><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`, encrypted);
}

/** The attack on the padding byte by byte, and splices of every length that do not happen to be whole. */
function questions(): APIGatewayProxyEventV2[] {
  const all: APIGatewayProxyEventV2[] = [];
  for (let guess = 0; guess < 256; guess++) {
    const tampered = randomBytes(16);
    tampered[15] = guess;
    for (const target of [1, 2, 3]) all.push(asked(block(0), block(1), tampered, block(target)));
    const last = Buffer.from(block(blocks - 2));
    last[15] = guess;
    if (!last.equals(block(blocks - 2))) all.push(asked(captured.subarray(0, -32), last, block(blocks - 1)));
  }
  for (let at = 0; all.length < 2_000; at++) {
    const [one, other] = [at % (blocks - 1), (at * 7) % (blocks - 1)];
    all.push(asked(randomBytes(16), block(one), block(other), randomBytes(16)));
  }
  return all;
}

describe('who knows the Token and asks 2,000 times with spliced blocks, while a rule answers anything,', () => {
  it('learns nothing from status or body of a refusal, and the log tells us why each was one', async () => {
    const rules = rulesCache({ ...reading([aRule()]), failed: () => undefined, now: () => NOW });
    const clock = { now: () => NOW, random: () => 0, overBudget };
    const decide = deciding({ handlers: {}, rules: decideFromRules(rules, clock), welcomeText: undefined });
    let now = NOW;
    const webhook = instance('safe', { decide, now: () => now });
    const log = logged();
    const answers: string[] = [];
    for (const question of questions()) answers.push(JSON.stringify(await webhook(question)));
    now += 10 * SECOND;
    const authentic = await webhook(safe(textMessage('hi', { from: 'oAuthentic' })));
    log.stop();

    expect(answers).toHaveLength(2_000);
    expect([...new Set(answers)]).toEqual([
      expect.stringMatching(/^\{"statusCode":401,.*"body":"\{\\"errcode\\":401,\\"errmsg\\":\\"refused\\"\}"\}$/),
    ]);
    expect(authentic).toMatchObject({ statusCode: 200, body: expect.stringContaining('<Encrypt>') });
    const lines = log.lines.map((line) => JSON.parse(line));
    const codes = new Set(lines.flatMap(({ code, codes = {} }) => [code, ...Object.keys(codes)]).filter(Boolean));
    expect([...codes]).toEqual(expect.arrayContaining(['padding', 'length']));
    expect(lines.reduce((sum, { deliveries, verdict }) => sum + (verdict === 'refused' ? deliveries : 0), 0)).toBe(
      2_000,
    );
    expect((await everyInteraction()).map(({ openid }) => openid)).toEqual(['oAuthentic']);
  });
});

/** The lines that some requests leave in the log, each a number of milliseconds after the one before. */
async function linesOf(requests: readonly [APIGatewayProxyEventV2, after: number][]) {
  let now = NOW;
  const webhook = instance('safe', { now: () => now });
  const log = logged();
  for (const [request, after] of requests) {
    now += after;
    await webhook(request);
  }
  log.stop();
  return log.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const unsigned = event('POST /webhook', { body: 'hello', time: NOW });
const wrongly = (token: string, time = NOW) => safe(textMessage('x'), { token, time });

describe('in the log', () => {
  it.each<[string, APIGatewayProxyEventV2, object]>([
    ['another Token', wrongly('OtherToken'), { code: 'signature', hint: expect.stringContaining('WECHAT_TOKEN') }],
    [
      'another EncodingAESKey',
      safe(textMessage('x'), { key: Buffer.alloc(32, 9) }),
      { code: expect.stringMatching(/^(padding|length)$/) },
    ],
    [
      'another AppID',
      safe(textMessage('x'), { appId: 'wx00000000000000ff' }),
      { code: 'appid', hint: expect.stringContaining('WECHAT_APP_ID') },
    ],
    [
      'plain mode at WeChat',
      plain(textMessage('x')),
      { code: 'unencrypted', hint: expect.stringContaining('安全模式') },
    ],
    [
      'JSON at WeChat',
      { ...plain('{"MsgType":"text"}') },
      { code: 'json', hint: expect.stringContaining('choose XML') },
    ],
    ['an empty body', { ...safe(textMessage('x')), body: '' }, { code: 'body' }],
  ])('%s is told by a code and what to change', async (_, request, told) => {
    expect(await linesOf([[request, 0]])).toMatchObject([
      { level: 'WARN', message: 'delivery', verdict: 'refused', deliveries: 1, request_id: 'request-1', ...told },
    ]);
  });

  it('a refused request counts 1 and a recorded delivery 0 in the metric that rings when nothing comes through', async () => {
    const lines = await linesOf([
      [wrongly('OtherToken'), 0],
      [safe(textMessage('x', { from: 'oThrough' })), 0],
      [unsigned, 0],
    ]);

    expect(lines.map(({ verdict, refusals }) => [verdict, refusals])).toEqual([
      ['refused', 1],
      ['recorded', 0],
      ['noise', undefined],
    ]);
  });

  it('a URL check that is refused is told, and is no delivery', async () => {
    const lines = await linesOf([[event('GET /webhook', { query: { ...query(), echostr: 'x' } }), 0]]);

    expect(lines).toMatchObject([{ message: 'URL check', verdict: 'refused', code: 'echostr' }]);
    expect(lines[0]).not.toHaveProperty('_aws');
  });

  it('noise is one line in ten seconds and process, with its count', async () => {
    const flood = Array.from({ length: 100 }, (): [APIGatewayProxyEventV2, number] => [unsigned, 0]);

    const lines = await linesOf([...flood, [unsigned, 9_999], [unsigned, 1], [unsigned, 5 * SECOND]]);

    expect(lines.map(({ message, verdict, deliveries, codes }) => ({ message, verdict, deliveries, codes }))).toEqual([
      { message: 'refused requests', verdict: 'noise', deliveries: 1, codes: { signature: 1 } },
      { message: 'refused requests', verdict: 'noise', deliveries: 100, codes: { signature: 100 } },
    ]);
  });

  it('noise of a process that was frozen is written when the next request comes, whatever it is', async () => {
    const lines = await linesOf([
      [unsigned, 0],
      [unsigned, SECOND],
      [safe(textMessage('x', { from: 'oThaw' }), { time: NOW + 3_600 * SECOND }), 3_600 * SECOND],
    ]);

    expect(lines.map(({ verdict, deliveries }) => [verdict, deliveries])).toEqual([
      ['noise', 1],
      ['noise', 1],
      ['recorded', 1],
    ]);
  });

  it.each<[string, APIGatewayProxyEventV2]>([
    ['without a query', unsigned],
    [
      'with a signature of another length',
      event('POST /webhook', { query: { ...query(), signature: 'a'.repeat(39) } }),
    ],
    ['with a signature in capitals', event('POST /webhook', { query: { ...query(), signature: 'A'.repeat(40) } })],
    ['with an old timestamp', wrongly('OtherToken', NOW - 600 * SECOND)],
    ['with no nonce', event('POST /webhook', { query: { ...query(), nonce: '' } })],
    ['of 10 MB', event('POST /webhook', { body: 'x'.repeat(10_000_000) })],
    ['of no kind at all', {} as APIGatewayProxyEventV2],
  ])('a request %s is noise', async (_, request) => {
    expect(await linesOf([[request, 0]])).toMatchObject([{ verdict: 'noise' }]);
  });

  it('noise that imitates WeChat has ten lines in ten seconds, and is counted to the last', async () => {
    const flood = Array.from({ length: 500 }, (): [APIGatewayProxyEventV2, number] => [wrongly('OtherToken'), 0]);

    const lines = await linesOf([...flood, [wrongly('OtherToken', NOW), 10 * SECOND]]);

    expect(lines.length).toBeLessThanOrEqual(13);
    expect(lines.reduce((sum, { deliveries }) => sum + Number(deliveries), 0)).toBe(501);
    expect(lines.every(({ verdict }) => verdict === 'refused')).toBe(true);
  });
});
