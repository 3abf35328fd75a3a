import { type CustomMessage, checkCustomMessage, sendCustomMessage } from '../../../lib/wechat/custom-message.ts';
import { wechatThatAnswers } from './played-wechat.ts';

const ARTICLE = {
  title: '标题',
  description: '描述',
  url: 'https://example.com/',
  picurl: 'https://example.com/p.jpg',
};
const MINI = { title: '标题', appid: 'wx286b93c14bbf93aa', pagepath: 'pages/index', thumb_media_id: 'T1' };

const TEXT: CustomMessage = { msgtype: 'text', text: { content: '你好 <a href="https://example.com">链接</a>\n😀' } };

const MESSAGES: readonly CustomMessage[] = [
  TEXT,
  { msgtype: 'image', image: { media_id: 'M1' } },
  { msgtype: 'voice', voice: { media_id: 'M1' } },
  { msgtype: 'video', video: { media_id: 'M1', thumb_media_id: 'T1', title: '标题' } },
  { msgtype: 'music', music: { musicurl: 'https://m', hqmusicurl: 'https://h', thumb_media_id: 'T1' } },
  { msgtype: 'news', news: { articles: [ARTICLE] } },
  { msgtype: 'mpnewsarticle', mpnewsarticle: { article_id: 'A1' } },
  {
    msgtype: 'msgmenu',
    msgmenu: { head_content: '满意吗', list: [{ id: '101', content: '满意' }], tail_content: '谢谢' },
  },
  { msgtype: 'miniprogrampage', miniprogrampage: MINI },
];

describe('a customer-service message', () => {
  it.each(MESSAGES.map((message) => [message.msgtype, message]))(
    'of type %s is sent to a follower',
    async (_, message) => {
      const { call, sent } = wechatThatAnswers({ errcode: 0, errmsg: 'ok' });

      await sendCustomMessage(call, 'o1', checkCustomMessage(message));

      expect(sent).toEqual([{ path: '/cgi-bin/message/custom/send', body: { touser: 'o1', ...message } }]);
    },
  );

  it('may come from a customer-service account', () => {
    const message = { ...TEXT, customservice: { kf_account: 'test1@kftest' } };

    expect(checkCustomMessage(message)).toEqual(message);
  });

  it('goes to nobody the body names, and has no field WeChat does not know', () => {
    const message = {
      msgtype: 'image',
      image: { media_id: 'M1', colour: 'red' },
      touser: 'o9',
      text: { content: 'x' },
    };

    expect(checkCustomMessage(message)).toEqual({ msgtype: 'image', image: { media_id: 'M1' } });
  });

  it('may have 2048 bytes of text', () => {
    const message = { msgtype: 'text', text: { content: 'x'.repeat(2048) } };

    expect(checkCustomMessage(message)).toEqual(message);
  });

  it('knows which content goes with which type', () => {
    const message = checkCustomMessage(TEXT);

    if (message.msgtype !== 'text') throw new Error(message.msgtype);
    expect(message.text.content.slice(0, 2)).toBe('你好');
    // @ts-expect-error a text has no image
    expect(message.image).toBeUndefined();
  });

  const TYPES = 'text, image, voice, video, music, news, mpnewsarticle, msgmenu, miniprogrampage';

  it.each<[number, string, string, unknown]>([
    [40008, 'invalid message type', `msgtype must be one of ${TYPES}`, { msgtype: 'wxcard', wxcard: {} }],
    [40008, 'invalid message type', `msgtype must be one of ${TYPES}`, { msgtype: 'constructor' }],
    [40008, 'invalid message type', `msgtype must be one of ${TYPES}`, null],
    [44004, 'empty content', 'text.content is empty', { msgtype: 'text', text: { content: '' } }],
    [44004, 'empty content', 'text.content must be text', { msgtype: 'text', content: '你好' }],
    [44004, 'empty content', 'text.content must be text', { msgtype: 'text', text: { content: 5 } }],
    [
      45002,
      'content size out of limit',
      'text.content is 2049 bytes, at most 2048',
      { msgtype: 'text', text: { content: '字'.repeat(683) } },
    ],
    [40007, 'invalid media_id', 'voice.media_id must be text', { msgtype: 'voice', voice: {} }],
    [40007, 'invalid media_id', 'video.thumb_media_id must be text', { msgtype: 'video', video: { media_id: 'M1' } }],
    [
      40035,
      'invalid parameter',
      'video.title must be text',
      { msgtype: 'video', video: { media_id: 'M1', thumb_media_id: 'T1', title: 1 } },
    ],
    [40035, 'invalid parameter', 'music.musicurl must be text', { msgtype: 'music', music: {} }],
    [
      44003,
      'empty news data',
      'news.articles must be a list and not empty',
      { msgtype: 'news', news: { articles: [] } },
    ],
    [
      45008,
      'article size out of limit',
      'news.articles has 2 items, at most 1',
      { msgtype: 'news', news: { articles: [ARTICLE, ARTICLE] } },
    ],
    [
      40035,
      'invalid parameter',
      'news.articles[0].url must be text',
      { msgtype: 'news', news: { articles: [{ url: null }] } },
    ],
    [
      53600,
      'Article ID invalid',
      'mpnewsarticle.article_id is empty',
      { msgtype: 'mpnewsarticle', mpnewsarticle: { article_id: '' } },
    ],
    [
      40035,
      'invalid parameter',
      'msgmenu.list must be a list and not empty',
      { msgtype: 'msgmenu', msgmenu: { list: {} } },
    ],
    [
      40035,
      'invalid parameter',
      'msgmenu.list[1].id must be text',
      { msgtype: 'msgmenu', msgmenu: { list: [{ id: '1', content: '好' }, { content: '坏' }] } },
    ],
    [
      41002,
      'appid missing',
      'miniprogrampage.appid is empty',
      { msgtype: 'miniprogrampage', miniprogrampage: { ...MINI, appid: '' } },
    ],
    [
      40165,
      'invalid weapp pagepath',
      'miniprogrampage.pagepath must be text',
      { msgtype: 'miniprogrampage', miniprogrampage: { ...MINI, pagepath: undefined } },
    ],
    [40035, 'invalid parameter', 'customservice.kf_account must be text', { ...TEXT, customservice: {} }],
  ])('is refused with %i %s: %s', (errcode, errmsg, detail, message) => {
    expect(() => checkCustomMessage(message)).toThrow(
      expect.objectContaining({ reason: 'refused', errcode, errmsg, detail }),
    );
  });

  it("fails with WeChat's own words where WeChat refuses", async () => {
    const answer = { errcode: 45015, errmsg: 'response out of time limit or subscription is canceled rid: 1' };
    const { call } = wechatThatAnswers(answer);

    await expect(sendCustomMessage(call, 'o1', checkCustomMessage(TEXT))).rejects.toMatchObject({ answer });
  });
});
