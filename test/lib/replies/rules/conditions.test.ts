import type { Condition } from '../../../../lib/replies/rules/shape.ts';
import type { Delivery } from '../../../../lib/wechat/deliveries/delivery.ts';
import { aRule, decide, event, message, said, textIs } from './rules.ts';

const CONDITIONS = {
  'equals 你好': textIs('equals', '你好'),
  'equals HELLO': textIs('equals', 'HELLO'),
  'equals １２３': textIs('equals', '１２３'),
  'contains 发票': textIs('contains', '发票'),
  'contains 😀': textIs('contains', '😀'),
  'contains ]]>': textIs('contains', ']]>'),
  'contains ｶﾞ': textIs('contains', 'ｶﾞ'),
  'starts with 查': textIs('starts_with', '查'),
  'matches ^\\d{3}$': textIs('matches', '^\\d{3}$'),
  'matches (退|换)货': textIs('matches', '(退|换)货'),
  'matches a full-width bracket': textIs('matches', '（.+）'),
  'any of several': {
    type: 'text',
    any_of: [...some('equals', 'hi'), ...some('contains', '帮助'), ...some('matches', '^[?!]$')],
  },
  'messages of text': { type: 'message', message_types: ['text'] },
  'images and voices': { type: 'message', message_types: ['image', 'voice'] },
  'messages with a place': { type: 'message', message_types: ['location'] },
  'any subscription': { type: 'event', event: 'subscribe' },
  'subscription by shop': { type: 'event', event: 'subscribe', scenes: ['shop', '1000'] },
  'any scan': { type: 'event', event: 'SCAN' },
  'scan of shop': { type: 'event', event: 'SCAN', scenes: ['shop'] },
  'any click': { type: 'event', event: 'CLICK' },
  'click on V1': { type: 'event', event: 'CLICK', keys: ['V1', 'V2'] },
  'any scan and wait': { type: 'event', event: 'scancode_waitmsg' },
  'scan and wait on S1': { type: 'event', event: 'scancode_waitmsg', keys: ['S1'] },
  'scan on S1': { type: 'event', event: 'scancode_push', keys: ['S1'] },
  'photo on P1': { type: 'event', event: 'pic_sysphoto', keys: ['P1'] },
  'photo or album on P1': { type: 'event', event: 'pic_photo_or_album', keys: ['P1'] },
  'album on P1': { type: 'event', event: 'pic_weixin', keys: ['P1'] },
  'place on L1': { type: 'event', event: 'location_select', keys: ['L1'] },
  'typed 你好': { type: 'text', any_of: [...some('equals', '你好')], voice: false },
  'any entry': { type: 'msgmenu' },
  'entry 101': { type: 'msgmenu', ids: ['101', '102'] },
  'a reported place': { type: 'event', event: 'LOCATION' },
  anything: { type: 'anything' },
} as const satisfies Record<string, Condition>;

function some(comparison: 'equals' | 'contains' | 'matches', value: string) {
  return [{ comparison, value }] as const;
}

type Name = keyof typeof CONDITIONS;

const TEXT: Name[] = ['messages of text', 'anything'];
const LONG = '长'.repeat(21_845);

/** Every delivery with the conditions it meets; it must meet no other. */
const DELIVERIES: [what: string, delivery: Delivery, met: Name[]][] = [
  ['你好', said('你好'), ['equals 你好', 'typed 你好', ...TEXT]],
  ['你好 between blanks', said('\u3000 你好\n\t'), ['equals 你好', 'typed 你好', ...TEXT]],
  ['你 好', said('你 好'), TEXT],
  ['hello', said('hello'), ['equals HELLO', ...TEXT]],
  ['ＨｅＬＬｏ, full-width', said('ＨｅＬＬｏ'), ['equals HELLO', ...TEXT]],
  ['123', said('123'), ['equals １２３', 'matches ^\\d{3}$', ...TEXT]],
  ['１２３, full-width', said(' １２３ '), ['equals １２３', 'matches ^\\d{3}$', ...TEXT]],
  ['456', said('456'), ['matches ^\\d{3}$', ...TEXT]],
  ['1234', said('1234'), TEXT],
  ['an invoice', said('请问怎么开发票？'), ['contains 发票', ...TEXT]],
  ['an emoji among others', said('👩‍👩‍👧😀🇨🇳'), ['contains 😀', ...TEXT]],
  ['another emoji', said('😁'), TEXT],
  ['half of 😀', said('\ud83d'), TEXT],
  [']]>', said('a ]]> b'), ['contains ]]>', ...TEXT]],
  [']]＞, full-width', said('］］＞'), ['contains ]]>', ...TEXT]],
  ['ガ, full-width', said('ガス'), ['contains ｶﾞ', ...TEXT]],
  ['カ with its mark apart', said('カ\u3099ス'), ['contains ｶﾞ', ...TEXT]],
  ['an enquiry', said('查 发票'), ['contains 发票', 'starts with 查', ...TEXT]],
  ['no enquiry', said('请查'), TEXT],
  ['退货', said('我要退货'), ['matches (退|换)货', ...TEXT]],
  ['换货 on a second line', said('你们好\n换货'), ['matches (退|换)货', ...TEXT]],
  ['（退）货', said('（退）货'), ['matches a full-width bracket', ...TEXT]],
  ['(x)', said('(x)'), ['matches a full-width bracket', ...TEXT]],
  ['Hi', said('Hi'), ['any of several', ...TEXT]],
  ['帮助', said('我需要帮助'), ['any of several', ...TEXT]],
  ['？', said('？'), ['any of several', ...TEXT]],
  ['a text without characters', said(''), TEXT],
  ['blanks', said(' \u3000\n'), TEXT],
  ['64 KB', said(LONG), TEXT],
  ['发票 at the end of 2,048 characters', said(`${'长'.repeat(2_046)}发票`), ['contains 发票', ...TEXT]],
  ['发票 behind 2,048 characters', said(`${'长'.repeat(2_048)}发票`), TEXT],
  ['发票 behind 64 KB', said(`${LONG}发票`), TEXT],
  ['退货 behind 64 KB', said(`${LONG}退货`), TEXT],
  ['退货 before 64 KB', said(`查退货${LONG}`), ['starts with 查', 'matches (退|换)货', ...TEXT]],
  ['<xml>', said('<xml>&amp;</xml>'), TEXT],
  ['an image', message('image', { pic_url: '你好', media_id: 'M' }), ['images and voices', 'anything']],
  [
    'a voice that says 你好',
    message('voice', { media_id: 'M', recognition: '你好' }),
    ['equals 你好', 'images and voices', 'anything'],
  ],
  [
    'a voice that says 你好！',
    message('voice', { media_id: 'M', recognition: '你好！' }),
    ['equals 你好', 'images and voices', 'anything'],
  ],
  [
    'a voice that asks for an invoice',
    message('voice', { media_id: 'M', recognition: '查一下我的发票。' }),
    ['contains 发票', 'starts with 查', 'images and voices', 'anything'],
  ],
  ['a voice that was not authenticated', message('voice', { media_id: 'M' }), ['images and voices', 'anything']],
  ['a text that ends with a mark', said('你好！'), TEXT],
  [
    'a tap on the entry 101',
    message('text', { content: '满意', bizmsgmenuid: '101' }),
    ['any entry', 'entry 101', ...TEXT],
  ],
  ['a tap on the entry 1', message('text', { content: '满意', bizmsgmenuid: '1' }), ['any entry', ...TEXT]],
  [
    'a tap on the entry 你好',
    message('text', { content: '你好', bizmsgmenuid: '102' }),
    ['any entry', 'entry 101', 'equals 你好', 'typed 你好', ...TEXT],
  ],
  ['a video', message('video', { media_id: 'M' }), ['anything']],
  ['a place sent', message('location', { label: '发票' }), ['messages with a place', 'anything']],
  ['a link', message('link', { title: '你好' }), ['anything']],
  ['a message nobody has heard of', message('unknown', { msg_type: 'poll', fields: {} }), ['anything']],
  ['a subscription', event('subscribe', { key: 'V1' }), ['any subscription', 'anything']],
  [
    'a subscription by shop',
    event('subscribe', { scene: 'shop' }),
    ['any subscription', 'subscription by shop', 'anything'],
  ],
  [
    'a subscription by 1000',
    event('subscribe', { scene: '1000' }),
    ['any subscription', 'subscription by shop', 'anything'],
  ],
  ['a subscription by Shop', event('subscribe', { scene: 'Shop' }), ['any subscription', 'anything']],
  ['a scan of shop', event('SCAN', { scene: 'shop' }), ['any scan', 'scan of shop', 'anything']],
  ['a scan of 1000', event('SCAN', { scene: '1000' }), ['any scan', 'anything']],
  ['a click on V1', event('CLICK', { key: 'V1' }), ['any click', 'click on V1', 'anything']],
  ['a click on V2', event('CLICK', { key: 'V2' }), ['any click', 'click on V1', 'anything']],
  ['a click on V12', event('CLICK', { key: 'V12' }), ['any click', 'anything']],
  [
    'scan and wait on S1',
    event('scancode_waitmsg', { key: 'S1', scan_type: 'qrcode', scan_result: 'V1' }),
    ['any scan and wait', 'scan and wait on S1', 'anything'],
  ],
  ['scan and wait on S2', event('scancode_waitmsg', { key: 'S2' }), ['any scan and wait', 'anything']],
  ['scan on S1', event('scancode_push', { key: 'S1' }), ['scan on S1', 'anything']],
  ['photo on P1', event('pic_sysphoto', { key: 'P1' }), ['photo on P1', 'anything']],
  ['photo or album on P1', event('pic_photo_or_album', { key: 'P1' }), ['photo or album on P1', 'anything']],
  ['album on P1', event('pic_weixin', { key: 'P1' }), ['album on P1', 'anything']],
  ['place on L1', event('location_select', { key: 'L1' }), ['place on L1', 'anything']],
  ['a view', event('VIEW', { url: 'V1' }), ['anything']],
  ['a reported place', event('LOCATION', { latitude: '1' }), ['a reported place', 'anything']],
  ['an unsubscription', event('unsubscribe'), ['anything']],
  ['a template message delivered', event('TEMPLATESENDJOBFINISH', { status: 'success' }), []],
  ['a mass message delivered', event('MASSSENDJOBFINISH', { key: 'V1' }), []],
  ['a conversation with customer service', event('kf_create_session'), []],
  ['a verification', event('annual_renew'), []],
  ['an event nobody has heard of', message('unknown', { msg_type: 'event', event: 'party', fields: {} }), []],
];

const ROWS = DELIVERIES.flatMap(([what, delivery, met]) =>
  (Object.keys(CONDITIONS) as Name[]).map((name) => ({ name, what, delivery, holds: met.includes(name) })),
);

it('is tried on more than a thousand pairs', () => expect(ROWS.length).toBeGreaterThan(1000));

it.each(ROWS)('"$name" of $what: $holds', async ({ name, delivery, holds }) => {
  const { rule } = await decide([aRule({ name, condition: CONDITIONS[name] })], delivery);
  expect(rule?.name).toBe(holds ? name : undefined);
});

describe('the first enabled rule that applies', () => {
  const list = [
    aRule({ name: 'off', enabled: false }),
    aRule({ name: 'shop', condition: textIs('contains', '店') }),
    aRule({ name: 'closed', window: { time_zone: 'Asia/Shanghai', weekdays: ['sun'] } }),
    aRule({ name: 'silence', condition: textIs('equals', '安静'), answer: null }),
    aRule({ name: 'rest' }),
  ];

  it('answers', async () => {
    expect(await decide(list, said('店在哪'))).toMatchObject({ rule: { name: 'shop' }, reply: { content: 'shop' } });
  });

  it('stops the search, also if it says nothing', async () => {
    expect(await decide(list, said('安静'))).toMatchObject({ rule: { name: 'silence' }, reply: null });
  });

  it('leaves the reasons of those before it', async () => {
    expect((await decide(list, said('你好'))).passed).toEqual([
      'the rule is disabled',
      'no comparison matches the text',
      'the weekday is not among the weekdays of the rule',
      'no comparison matches the text',
    ]);
  });

  it('is none of none', async () => {
    expect(await decide([], said('你好'))).toEqual({ reply: null, passed: [], steps: 0 });
  });
});

it('goes on behind a rule that an older version left in a shape of its own', async () => {
  const strange = [
    aRule({ condition: textIs('matches', '(') }),
    aRule({ window: { time_zone: 'Mars/Olympus', weekdays: ['mon'] } }),
  ];
  const { rule, passed } = await decide([...strange, aRule({ name: 'good' })], said('('));
  expect(rule?.name).toBe('good');
  expect(passed).toEqual(Array(2).fill('the rule cannot be evaluated: save it again'));
});
