import fc from 'fast-check';
import { checkReply, InvalidReply, type Reply, renderReply } from '../../../../lib/wechat/callback/passive-reply.ts';
import { parseXml } from '../../../../lib/wechat/callback/xml.ts';

const PARTIES = { to: 'oDemo0001', from: 'gh_demo00000001', createTime: 1767225601 };

function render(reply: Reply): object {
  const { ToUserName, FromUserName, CreateTime, ...body } = parseXml(renderReply(reply, PARTIES));
  expect([ToUserName, FromUserName, CreateTime]).toEqual(['oDemo0001', 'gh_demo00000001', '1767225601']);
  return body;
}

describe('a rendered reply', () => {
  it('is the example of the protocol, letter for letter', () => {
    expect(renderReply({ type: 'image', media_id: 'M-img-9' }, PARTIES)).toBe(
      '<xml><ToUserName><![CDATA[oDemo0001]]></ToUserName><FromUserName><![CDATA[gh_demo00000001]]></FromUserName><CreateTime>1767225601</CreateTime><MsgType><![CDATA[image]]></MsgType><Image><MediaId><![CDATA[M-img-9]]></MediaId></Image></xml>',
    );
  });

  it.each<[string, Reply, object]>([
    ['a text', { type: 'text', content: '你好' }, { Content: '你好' }],
    ['a voice', { type: 'voice', media_id: 'M' }, { Voice: { MediaId: 'M' } }],
    ['a video', { type: 'video', media_id: 'M' }, { Video: { MediaId: 'M' } }],
    [
      'a video with a title and a description',
      { type: 'video', media_id: 'M', title: 'T', description: 'D' },
      { Video: { MediaId: 'M', Title: 'T', Description: 'D' } },
    ],
    ['music', { type: 'music', thumb_media_id: 'M' }, { Music: { ThumbMediaId: 'M' } }],
    [
      'music with everything',
      { type: 'music', thumb_media_id: 'M', title: 'T', description: 'D', musicurl: 'u', hqmusicurl: 'h' },
      { Music: { Title: 'T', Description: 'D', MusicUrl: 'u', HQMusicUrl: 'h', ThumbMediaId: 'M' } },
    ],
    [
      'news',
      { type: 'news', articles: [{ title: 'A', description: 'D', url: 'u?a=1&b=2', picurl: 'p' }, { title: 'B' }] },
      {
        ArticleCount: '2',
        Articles: { item: [{ Title: 'A', Description: 'D', PicUrl: 'p', Url: 'u?a=1&b=2' }, { Title: 'B' }] },
      },
    ],
    ['a transfer to customer service', { type: 'transfer_customer_service' }, {}],
    [
      'a transfer to one account',
      { type: 'transfer_customer_service', kf_account: 'amy@demo' },
      { TransInfo: { KfAccount: 'amy@demo' } },
    ],
  ])('may be %s', (_what, reply, body) => {
    expect(render(reply)).toEqual({ MsgType: reply.type, ...body });
  });

  it.each([
    'a]]>b',
    ']]]]>>',
    '<b>&amp;</b>',
    '👩‍👩‍👧 𠮷',
    '  leading',
    '0012',
    'a\nb\tc',
    '<![CDATA[x]]>',
    '</Content></xml>',
  ])('keeps %j as it is', (content) => {
    expect(render({ type: 'text', content })).toMatchObject({ Content: content });
  });

  it('keeps every text that XML can hold', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 300 }).filter((candidate) => !candidate.includes('\r'));
    fc.assert(
      fc.property(text, text, (content, title) => {
        expect(render({ type: 'text', content })).toMatchObject({ Content: content });
        expect(render({ type: 'news', articles: [{ title }] })).toMatchObject({ Articles: { item: { Title: title } } });
      }),
      { seed: 20261122 },
    );
  });

  it('leaves out what XML cannot hold', () => {
    expect(render({ type: 'text', content: 'a\u0000b\u001bc\ud83dd\uffff😀' })).toMatchObject({ Content: 'abcd😀' });
  });
});

const ARTICLE = { title: 'T' };

describe('the limits', () => {
  it.each<['message' | 'event', Reply]>([
    ['message', { type: 'text', content: 'x'.repeat(2048) }],
    ['message', { type: 'text', content: `${'x'.repeat(2048)}\u0000` }],
    ['message', { type: 'image', media_id: 'M' }],
    ['message', { type: 'voice', media_id: 'M' }],
    ['message', { type: 'video', media_id: 'M', title: '' }],
    ['message', { type: 'music', thumb_media_id: 'M' }],
    ['message', { type: 'news', articles: [ARTICLE] }],
    ['event', { type: 'news', articles: Array(8).fill(ARTICLE) }],
    ['message', { type: 'transfer_customer_service' }],
    ['message', { type: 'transfer_customer_service', kf_account: 'amy@demo' }],
  ])('let pass, answering a %s: %j', (answering, reply) => {
    expect(() => checkReply(reply, answering)).not.toThrow();
  });

  it.each<['message' | 'event', Reply, string]>([
    ['message', { type: 'text', content: '' }, 'content is empty'],
    ['event', { type: 'text', content: '\u0000' }, 'content is empty'],
    ['message', { type: 'text', content: '喵'.repeat(683) }, 'content is 2049 bytes, at most 2048'],
    ['message', { type: 'image', media_id: '' }, 'media_id is empty'],
    ['message', { type: 'voice', media_id: '' }, 'media_id is empty'],
    ['message', { type: 'video', media_id: '', title: 'T' }, 'media_id is empty'],
    ['message', { type: 'music', thumb_media_id: '', musicurl: 'u' }, 'thumb_media_id is empty'],
    ['event', { type: 'news', articles: [] }, 'articles is empty'],
    ['message', { type: 'news', articles: [ARTICLE, ARTICLE] }, 'articles has 2 entries, at most 1'],
    ['event', { type: 'news', articles: Array(9).fill(ARTICLE) }, 'articles has 9 entries, at most 8'],
    ['event', { type: 'news', articles: [ARTICLE, { title: '' }] }, 'articles[1].title is empty'],
    ['message', { type: 'transfer_customer_service', kf_account: '' }, 'kf_account is empty'],
  ])('refuse, answering a %s: %j', (answering, reply, message) => {
    expect(() => checkReply(reply, answering)).toThrow(
      new InvalidReply(message.split(' ')[0] ?? '', message.replace(/^\S+ /, '')),
    );
  });
});
