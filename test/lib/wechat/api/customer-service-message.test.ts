import {
  type CustomMessage,
  checkCustomMessage,
  sendCustomMessage,
} from '../../../../lib/wechat/api/customer-service-message.ts';
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
  { msgtype: 'mpnews', mpnews: { media_id: 'M1' } },
  { msgtype: 'wxcard', wxcard: { card_id: 'C1' } },
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

  it.each([
    ['beside the content', { ...TEXT, aimsgcontext: { is_ai_msg: 1 } }],
    ['in the content', { msgtype: 'image', image: { media_id: 'M1', colour: 'red' } }],
    ['of the customer-service account', { ...TEXT, customservice: { kf_account: 'a@b', nickname: '客服' } }],
    ['of a type nobody here has heard of', { msgtype: 'hologram', hologram: { depth: 3, list: [null, ['x']] } }],
    ['named like what every object has', { msgtype: 'constructor' }],
  ])('keeps the fields that are unknown here, %s', async (_, message) => {
    const { call, sent } = wechatThatAnswers({ errcode: 0, errmsg: 'ok' });

    await sendCustomMessage(call, 'o1', checkCustomMessage(message));

    expect(sent).toEqual([{ path: '/cgi-bin/message/custom/send', body: { ...message, touser: 'o1' } }]);
  });

  it('may have 2048 bytes of text', () => {
    const message = { msgtype: 'text', text: { content: 'x'.repeat(2048) } };

    expect(checkCustomMessage(message)).toEqual(message);
  });

  const TYPES = 'text, image, voice, video, music, news, mpnews, mpnewsarticle, msgmenu, wxcard, miniprogrampage';

  it.each<[number, string, string, unknown]>([
    [40008, 'invalid message type', `msgtype must be a type such as ${TYPES}`, { text: { content: 'x' } }],
    [40008, 'invalid message type', `msgtype must be a type such as ${TYPES}`, { msgtype: ['text'], text: {} }],
    [40035, 'invalid parameter', 'wxcard.card_id must be a string', { msgtype: 'wxcard', wxcard: {} }],
    [40007, 'invalid media_id', 'mpnews.media_id is empty', { msgtype: 'mpnews', mpnews: { media_id: '' } }],
    [40008, 'invalid message type', `msgtype must be a type such as ${TYPES}`, { msgtype: 'a b' }],
    [40008, 'invalid message type', `msgtype must be a type such as ${TYPES}`, null],
    [44004, 'empty content', 'text.content is empty', { msgtype: 'text', text: { content: '' } }],
    [44004, 'empty content', 'text.content must be a string', { msgtype: 'text', content: '你好' }],
    [44004, 'empty content', 'text.content must be a string', { msgtype: 'text', text: { content: 5 } }],
    [
      45002,
      'content size out of limit',
      'text.content is 2049 bytes, at most 2048',
      { msgtype: 'text', text: { content: '字'.repeat(683) } },
    ],
    [40007, 'invalid media_id', 'voice.media_id must be a string', { msgtype: 'voice', voice: {} }],
    [
      40007,
      'invalid media_id',
      'video.thumb_media_id must be a string',
      { msgtype: 'video', video: { media_id: 'M1' } },
    ],
    [
      40035,
      'invalid parameter',
      'video.title must be a string',
      { msgtype: 'video', video: { media_id: 'M1', thumb_media_id: 'T1', title: 1 } },
    ],
    [40035, 'invalid parameter', 'music.musicurl must be a string', { msgtype: 'music', music: {} }],
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
      'news.articles[0].url must be a string',
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
      'msgmenu.list[1].id must be a string',
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
      'miniprogrampage.pagepath must be a string',
      { msgtype: 'miniprogrampage', miniprogrampage: { ...MINI, pagepath: undefined } },
    ],
    [40035, 'invalid parameter', 'customservice.kf_account must be a string', { ...TEXT, customservice: {} }],
  ])('is refused with %i %s: %s', (errcode, errmsg, detail, message) => {
    expect(() => checkCustomMessage(message)).toThrow(
      expect.objectContaining({ code: 'WECHAT_REFUSED', errcode, errmsg, detail }),
    );
  });

  it("fails with WeChat's own words where WeChat refuses", async () => {
    const answer = { errcode: 45015, errmsg: 'response out of time limit or subscription is canceled rid: 1' };
    const { call } = wechatThatAnswers(answer);

    await expect(sendCustomMessage(call, 'o1', checkCustomMessage(TEXT))).rejects.toMatchObject({ result: answer });
  });
});
