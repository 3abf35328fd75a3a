import fc from 'fast-check';
import type { Action, Condition } from '../../../../lib/replies/rules/shape.ts';
import { renderReply } from '../../../../lib/wechat/callback/passive-reply.ts';
import { parseXml } from '../../../../lib/wechat/callback/xml.ts';
import { aRule, decide, event, NOW, said, saidBy, textIs } from './rules.ts';

const text = (content: string): Action => ({ type: 'text', content });

const answering = (content: string, condition: Condition = { type: 'anything' }) =>
  aRule({ condition, answer: text(content) });

describe('a text', () => {
  it.each([
    ['{{openid}} 说 {{text}}', '你好', 'oDemo0001 说 你好'],
    ['{{ text }}', '  as sent ', '  as sent '],
    ['{{time}}', 'x', '2026-01-01 08:00'],
    ['{{text}}', '{{openid}} {{1}}', '{{openid}} {{1}}'],
    ['{{text}}{{text}}', '{{', '{{{{'],
    ['{{text}}', ']]> & "quoted"', ']]> & "quoted"'],
    ['{{text}}', '1 < 2', '1 < 2'],
    ['{{text}}', '$& $1 \\1', '$& $1 \\1'],
    ['{{text}}', '<a href="https://evil.example">领奖</a>', '＜a href="https://evil.example">领奖＜/a>'],
    ['{{text}}', '< A href=x', '＜ A href=x'],
    [
      '<a href="https://example.com/?q={{text}}">搜索</a> {{text}}',
      '"><b>好&',
      '<a href="https://example.com/?q=%22%3E%3Cb%3E%E5%A5%BD%26">搜索</a> "><b>好&',
    ],
    ['{{1}}-{{2}}', 'x', '-'],
    ['{{nobody}} {{0}} {{10}}', 'x', '{{nobody}} {{0}} {{10}}'],
    ['{text} {{text', 'x', '{text} {{text'],
  ])('%s of %j is %j', async (template, content, expected) => {
    expect(await saidBy(answering(template), said(content))).toBe(expected);
  });

  it('has the time of the rule’s zone', async () => {
    const rule = { ...answering('{{time}}'), window: { time_zone: 'America/New_York' } };
    expect(await saidBy(rule, said('x'))).toBe('2025-12-31 19:00');
  });

  it('inserts what the first pattern that matches captured, in the case it was sent', async () => {
    const condition: Condition = {
      type: 'text',
      any_of: [
        { comparison: 'contains', value: '订单' },
        { comparison: 'matches', value: '快递 ?(\\d+)' },
        { comparison: 'matches', value: '订单 ?([a-z]+)(\\d*)(x?)' },
      ],
    };
    expect(await saidBy(answering('[{{1}}|{{2}}|{{3}}]', condition), said('我的订单 ＡbC１２'))).toBe('[AbC|12|]');
    expect(await saidBy(answering('[{{1}}|{{2}}]', condition), said('订单'))).toBe('[|]');
  });

  it('inserts nothing for the text of an event', async () => {
    expect(await saidBy(answering('[{{text}}]'), event('CLICK', { key: 'V1' }))).toBe('[]');
  });

  it('that is empty once filled in is not sent', async () => {
    const rule = answering('{{text}}');
    expect(await decide([rule], said(' '))).toMatchObject({
      rule: { id: rule.id, name: rule.name },
      reply: null,
      passed: [],
    });
    expect((await decide([rule], said('\u0007'))).reply).toBeNull();
  });

  it.each([
    ['好'.repeat(700), `「${'好'.repeat(680)}」`],
    ['😀'.repeat(600), `「${'😀'.repeat(510)}」`],
    ['a'.repeat(70_000), `「${'a'.repeat(2_042)}」`],
  ])('is cut between characters to 2,048 bytes, in what was inserted', async (content, expected) => {
    expect(await saidBy(answering('「{{text}}」'), said(content))).toBe(expected);
  });

  it('has at most 2,048 bytes, begins no link and survives XML, whatever the follower says', async () => {
    const templates = fc.constantFrom(
      '{{text}}',
      'a{{text}}b{{text}}',
      '{{1}}{{openid}}',
      '<a href="{{text}}">{{text}}</a>',
    );
    const contents = fc.string({ unit: 'grapheme', maxLength: 3_000 }).filter((content) => !content.includes('\r'));
    await fc.assert(
      fc.asyncProperty(templates, contents, async (template, content) => {
        const answered = await saidBy(answering(template, textIs('matches', '(?s)(.*)')), said(content));
        if (answered === undefined) return;
        expect(Buffer.byteLength(answered)).toBeLessThanOrEqual(2_048);
        expect([...answered.matchAll(/<\s*a\s/gi)].length).toBe([...template.matchAll(/<a/g)].length);
        const xml = renderReply({ type: 'text', content: answered }, { to: 'o', from: 'gh', createTime: 1 });
        expect(parseXml(xml).Content).toBe(answered);
      }),
      { numRuns: 300, seed: 20261122 },
    );
  });
});

describe('an answer at random', () => {
  const replies = ['一', '二', '三', '{{text}}'].map((content) => ({ type: 'text', content }) as const);
  const rule = aRule({ answer: { type: 'random', replies } });

  it.each([
    [0, '一'],
    [0.25, '二'],
    [0.5, '三'],
    [0.9999, '你好'],
  ])('at %d is %s', async (number, expected) => {
    expect(await saidBy(rule, said('你好'), { random: () => number })).toBe(expected);
  });

  it('is each of them now and then', async () => {
    const heard = new Set<string | undefined>();
    for (let time = 0; time < 400; time++) heard.add(await saidBy(rule, said('四'), { random: Math.random, now: NOW }));
    expect([...heard].sort()).toEqual(['一', '三', '二', '四']);
  });
});

it.each<NonNullable<Action>>([
  { type: 'image', media_id: 'M' },
  { type: 'voice', media_id: 'M' },
  { type: 'video', media_id: 'M', title: '{{text}}' },
  { type: 'music', thumb_media_id: 'M' },
  { type: 'news', articles: [{ title: '{{text}}' }] },
  { type: 'transfer_customer_service' },
])('may be of type $type, given as it was written', async (answer) => {
  expect((await decide([aRule({ answer })], said('你好'))).reply).toEqual(answer);
});
