import { inWords } from '../../../../lib/contract/issues.ts';
import { readDraft } from '../../../../lib/replies/rules/draft.ts';

const GOOD = {
  name: '欢迎',
  condition: { type: 'text', any_of: [{ comparison: 'contains', value: '你好' }] },
  answer: { type: 'text', content: '欢迎' },
};

const draft = (but: object) => readDraft({ ...GOOD, ...but });
/** What is wrong with a rule, in words. */
const toldOf = async (body: unknown) => {
  const read = await readDraft(body);
  return read.ok ? '' : inWords(read.issues);
};
const onText = (comparison: unknown, value: unknown) => ({
  condition: { type: 'text', any_of: [{ comparison, value }] },
});
const answering = (answer: unknown) => ({ answer });
const text = (content: unknown) => answering({ type: 'text', content });
const news = (count: number) => ({ type: 'news', articles: Array.from({ length: count }, () => ({ title: 'T' })) });
const subscribe = { condition: { type: 'event', event: 'subscribe' } };

it('takes a rule and fills in what goes without saying', async () => {
  expect(await draft({ window: {} })).toEqual({
    ok: true,
    value: { rule: { ...GOOD, enabled: true, window: { time_zone: 'Asia/Shanghai' } }, place: {} },
  });
});

it('takes back what the API showed, and a place', async () => {
  const shown = { id: 'x', position: '500000', created_at: '…', updated_at: '…', enabled: false, after: 'rule-1' };
  expect(await draft(shown)).toEqual({
    ok: true,
    value: { rule: { ...GOOD, enabled: false }, place: { after: 'rule-1' } },
  });
});

it.each<[string, object]>([
  ['every type of reply', answering({ type: 'music', thumb_media_id: 'M', title: '', hqmusicurl: 'u' })],
  ['a transfer', answering({ type: 'transfer_customer_service', kf_account: 'amy@demo' })],
  ['one article for messages', answering(news(1))],
  ['eight articles for events', { ...subscribe, ...answering(news(8)) }],
  ['nothing', answering(null)],
  ['2,048 bytes', text('好'.repeat(682))],
  ['captures', { ...onText('matches', '(a)(b)'), ...text('{{2}}{{ 1 }}{{time}}{{openid}}{{text}}') }],
  ['scenes', { condition: { type: 'event', event: 'SCAN', scenes: ['1'] } }],
  ['keys of a button that scans', { condition: { type: 'event', event: 'scancode_waitmsg', keys: ['SCAN'] } }],
  ['eight articles for a place', { condition: { type: 'event', event: 'location_select' }, ...answering(news(8)) }],
  ['an entry of a msgmenu', { condition: { type: 'msgmenu', ids: ['101'] } }],
  ['a text that is typed', { condition: { ...onText('equals', 'x').condition, voice: false } }],
  [
    'a whole window',
    {
      window: {
        weekdays: ['mon'],
        hours: { from: '22:00', to: '06:00' },
        from: '2026-01-01',
        until: '2026-01-01',
        time_zone: 'America/New_York',
      },
    },
  ],
])('takes %s', async (_, but) => expect(await draft(but)).toHaveProperty('value'));

it.each<[object, string]>([
  [{ name: undefined }, 'name is missing'],
  [{ name: '' }, 'name is empty'],
  [{ name: '名'.repeat(65) }, 'name is longer than 64 characters'],
  [{ enabled: 'yes' }, 'enabled: must be true or false'],
  [{ enable: true }, 'enable is unknown'],
  [{ after: 'a', before: 'b' }, 'after and before are both given'],
  [{ after: 7 }, 'after: must be a string'],

  [{ condition: undefined }, 'condition is missing'],
  [{ condition: 'anything' }, 'condition: must be an object'],
  [{ condition: {} }, 'condition.type is missing'],
  [{ condition: { type: 'txt' } }, 'condition.type: must be one of text, msgmenu, message, event, anything'],
  [{ condition: { type: 'text' } }, 'condition.any_of is missing'],
  [{ condition: { type: 'text', any_of: [] } }, 'condition.any_of is empty'],
  [onText('like', 'x'), 'condition.any_of[0].comparison: must be one of equals, contains, starts_with, matches'],
  [onText('equals', ''), 'condition.any_of[0].value is empty'],
  [onText('equals', ' \u3000'), 'condition.any_of[0].value is blank'],
  [onText('equals', 7), 'condition.any_of[0].value: must be a string'],
  [onText('contains', 'x'.repeat(201)), 'condition.any_of[0].value is longer than 200 characters'],
  [
    onText('matches', '(a'),
    'condition.any_of[0].value is not RE2 syntax: error parsing regexp: missing closing ): `(?i)(a`',
  ],
  [onText('matches', 'a{999}'), 'condition.any_of[0].value is too large: 1001 steps per character, at most 128'],
  [
    { condition: { type: 'message', message_types: ['sms'] } },
    'condition.message_types[0]: must be one of text, image,',
  ],
  ...['VIEW', 'view_miniprogram', 'TEMPLATESENDJOBFINISH'].map((event): [object, string] => [
    { condition: { type: 'event', event } },
    'condition.event: must be one of subscribe, SCAN, CLICK, scancode_push, scancode_waitmsg, pic_sysphoto, pic_photo_or_album, pic_weixin, location_select, LOCATION',
  ]),
  [{ condition: { type: 'event', event: 'pic_weixin', scenes: ['1'] } }, 'condition.scenes is unknown'],
  [{ condition: { type: 'event', event: 'scancode_waitmsg', keys: [] } }, 'condition.keys is empty'],
  [{ condition: { type: 'msgmenu', ids: [7] } }, 'condition.ids[0]: must be a string'],
  [{ condition: { type: 'msgmenu', keys: ['1'] } }, 'condition.keys is unknown'],
  [{ condition: { ...onText('equals', 'x').condition, voice: 'no' } }, 'condition.voice: must be true or false'],
  [{ condition: { type: 'message', message_types: ['voice'], voice: false } }, 'condition.voice is unknown'],
  [{ condition: { type: 'event', event: 'CLICK', scenes: ['1'] } }, 'condition.scenes is unknown'],
  [{ condition: { type: 'event', event: 'CLICK', keys: [''] } }, 'condition.keys[0] is empty'],

  [{ window: { weekdays: ['Monday'] } }, 'window.weekdays[0]: must be one of mon, tue, wed, thu, fri, sat, sun'],
  [{ window: { hours: { from: '9:00', to: '18:00' } } }, 'window.hours.from: must be a time such as 08:30'],
  [{ window: { hours: { from: '24:00', to: '18:00' } } }, 'window.hours.from: must be a time such as 08:30'],
  [{ window: { hours: { from: '09:00', to: '09:00' } } }, 'window.hours.to equals hours.from'],
  [{ window: { hours: { from: '09:00' } } }, 'window.hours.to is missing'],
  [{ window: { time_zone: 'Asia/Peking' } }, 'window.time_zone is not an IANA time zone such as Asia/Shanghai'],
  [{ window: { time_zone: '+08:00' } }, 'window.time_zone is not an IANA time zone such as Asia/Shanghai'],
  [{ window: { from: '2026-02-30' } }, 'window.from is not a valid date'],
  [{ window: { from: '2026-13-01' } }, 'window.from: must be a date such as 2026-01-31'],
  [{ window: { from: '2026-02-02', until: '2026-02-01' } }, 'window.until is before window.from'],

  [answering(undefined), 'answer is missing'],
  [answering({ type: 'sms' }), 'answer.type: must be one of text, image, voice, video, music, news,'],
  [text(''), 'answer.content is empty'],
  [text('好'.repeat(683)), 'answer.content is 2049 bytes, at most 2048'],
  [
    text('{{name}}'),
    'answer.content has {{name}}, but the placeholders are {{openid}}, {{text}}, {{time}}, {{1}} … {{9}}',
  ],
  [text('{{0}}'), 'answer.content has {{0}}, but the placeholders are'],
  [text('{{1}}'), 'answer.content has {{1}}, but no pattern of the condition has 1 group'],
  [
    { ...onText('matches', '(a)'), ...text('{{2}}') },
    'answer.content has {{2}}, but no pattern of the condition has 2 groups',
  ],
  [answering({ type: 'image' }), 'answer.media_id is missing'],
  [answering({ type: 'image', media_id: '' }), 'answer.media_id is empty'],
  [answering({ type: 'image', media_id: 'M', title: 'x' }), 'answer.title is unknown'],
  [answering({ type: 'news', articles: [] }), 'answer.articles is empty'],
  [answering(news(2)), 'answer.articles has 2 entries, at most 1'],
  [{ ...answering(news(2)), condition: { type: 'anything' } }, 'answer.articles has 2 entries, at most 1'],
  [{ ...subscribe, ...answering(news(9)) }, 'answer.articles has 9 entries, at most 8'],
  [
    { ...subscribe, ...answering({ type: 'news', articles: [{ title: 'T' }, { title: '' }] }) },
    'answer.articles[1].title is empty',
  ],
  [
    { ...subscribe, ...answering({ type: 'news', articles: [{ title: 'T' }, {}] }) },
    'answer.articles[1].title is missing',
  ],
  [answering({ type: 'random', replies: [] }), 'answer.replies is empty'],
  [
    answering({
      type: 'random',
      replies: [
        { type: 'text', content: 'a' },
        { type: 'text', content: '' },
      ],
    }),
    'answer.replies[1].content is empty',
  ],
  [
    answering({ type: 'random', replies: [{ type: 'random', replies: [] }] }),
    'answer.replies[0].type: must be one of text,',
  ],
  [
    { condition: { type: 'text', any_of: Array(50).fill({ comparison: 'equals', value: '长'.repeat(200) }) } },
    'the rule is 31',
  ],
])('says what is wrong with %j', async (but, problem) => {
  expect(await toldOf({ ...GOOD, ...but })).toMatch(new RegExp(`^${quoted(problem)}`));
});

it.each([null, 7, 'rule', []])('says that %j is no rule', async (body) => {
  expect(await toldOf(body)).toBe('the body is not a JSON object');
});

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

it('names the places of what is known to fail later', async () => {
  const content = '{{1}} {{nobody}} {{2}}';
  expect(await draft(text(content))).toMatchObject({
    ok: false,
    count: 3,
    issues: Array(3).fill({
      path: 'answer.content',
      code: 'invalid_value',
      message: expect.stringMatching(/^has \{\{/),
    }),
  });
  expect(await draft(onText('matches', '(a'))).toMatchObject({ issues: [{ path: 'condition.any_of[0].value' }] });
});

it('tells ten of two hundred problems', async () => {
  const read = await draft(text(Array.from({ length: 200 }, (_, at) => `{{x${at}}}`).join('')));
  expect(read).toMatchObject({ ok: false, count: 200 });
  expect(!read.ok && read.issues).toHaveLength(10);
});
