import { parseXml, type XmlFields, type XmlValue } from '../../lib/wechat/callback/xml.ts';

/** The sender and receiver of a reply. */
export type Parties = { openid: string; originalId: string };

/** WeChat's notice in place of a reply that it did not get or could not read. */
export const SERVICE_FAILURE = '该公众号提供的服务出现故障，请稍后再试';

const MOST_TEXT_BYTES = 2048;

type Display = (reply: XmlFields) => string;

/** The display of each kind of passive reply (https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Passive_user_reply_message.html). */
const DISPLAYS: Record<string, Display> = {
  text: (reply) => fitting(required(reply, 'Content')),
  image: (reply) => `[image ${required(within(reply, 'Image'), 'MediaId')}]`,
  voice: (reply) => `[voice ${required(within(reply, 'Voice'), 'MediaId')}]`,
  video: (reply) => {
    const video = within(reply, 'Video');
    return `[video ${required(video, 'MediaId')}] ${textOf(video.Title)}`.trimEnd();
  },
  music: (reply) => {
    const music = within(reply, 'Music');
    return `[music ${required(music, 'ThumbMediaId')}] ${textOf(music.Title)} ${textOf(music.MusicUrl)}`.trimEnd();
  },
  news: (reply) => {
    const { item } = within(reply, 'Articles');
    const articles = Array.isArray(item) ? item : [item ?? ''];
    if (textOf(reply.ArticleCount) !== String(articles.length))
      throw new TypeError('ArticleCount is not the number of items');
    return articles.map(articleDisplay).join('\n');
  },
  transfer_customer_service: () => '[handed over to customer service]',
};

/** The text that the follower sees of a passive reply. @throws TypeError for one that WeChat would not display */
export function displayOf(xml: string, { openid, originalId }: Parties): string {
  const reply = parseXml(xml);
  if (textOf(reply.ToUserName) !== openid) throw new TypeError('ToUserName is not the follower');
  if (textOf(reply.FromUserName) !== originalId) throw new TypeError('FromUserName is not the account');
  if (!/^\d{10}$/.test(textOf(reply.CreateTime))) throw new TypeError('CreateTime is not Unix seconds');
  const msgtype = textOf(reply.MsgType);
  const shown = Object.hasOwn(DISPLAYS, msgtype) ? DISPLAYS[msgtype] : undefined;
  if (!shown) throw new TypeError(`there is no passive reply of MsgType "${msgtype}"`);
  return shown(reply);
}

function articleDisplay(article: XmlValue): string {
  if (typeof article === 'string' || Array.isArray(article)) throw new TypeError('Articles holds no item');
  return `[article] ${textOf(article.Title)} ${textOf(article.Url)}`.trimEnd();
}

function within(reply: XmlFields, name: string): XmlFields {
  const value = reply[name];
  if (value === undefined || typeof value === 'string' || Array.isArray(value))
    throw new TypeError(`<${name}> is missing`);
  return value;
}

function required(fields: XmlFields, name: string): string {
  const value = textOf(fields[name]);
  if (value === '') throw new TypeError(`<${name}> is missing or empty`);
  return value;
}

/** @throws TypeError for a text longer than WeChat displays */
function fitting(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_TEXT_BYTES) throw new TypeError(`Content is ${bytes} bytes, at most ${MOST_TEXT_BYTES}`);
  return text;
}

function textOf(value: XmlValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
