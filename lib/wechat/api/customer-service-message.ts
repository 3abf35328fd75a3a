import type { WeChat } from './client.ts';
import type { Refusable } from './errcodes.ts';
import { refuse, type WeChatResult } from './error.ts';

/** A string field. With `missing` it is required and must not be empty; that is the errcode if it is. */
type TextRule = { missing?: Refusable; max_bytes?: number; too_long?: Refusable };
/** A field with a list of 1 to `most` objects. */
type ListRule = { each: Record<string, TextRule>; most: number; missing: Refusable; too_many: Refusable };
type Rules = Record<string, TextRule | ListRule>;

const text: TextRule = {};
const media: TextRule = { missing: 40007 };
const parameter: TextRule = { missing: 40035 };

/** The fields of each type of customer-service message (WeChat's page 发送客服消息); other types are WeChat's to refuse. */
const MESSAGES: Record<string, Rules> = {
  text: { content: { missing: 44004, max_bytes: 2048, too_long: 45002 } },
  image: { media_id: media },
  voice: { media_id: media },
  video: { media_id: media, thumb_media_id: media, title: text, description: text },
  music: { musicurl: parameter, hqmusicurl: parameter, thumb_media_id: media, title: text, description: text },
  news: {
    articles: {
      each: { title: text, description: text, url: text, picurl: text },
      most: 1,
      missing: 44003,
      too_many: 45008,
    },
  },
  mpnews: { media_id: media },
  mpnewsarticle: { article_id: { missing: 53600 } },
  msgmenu: {
    head_content: text,
    list: {
      each: { id: parameter, content: parameter },
      most: Number.POSITIVE_INFINITY,
      missing: 40035,
      too_many: 40035,
    },
    tail_content: text,
  },
  wxcard: { card_id: parameter },
  miniprogrampage: { appid: { missing: 41002 }, pagepath: { missing: 40165 }, thumb_media_id: media, title: text },
};

type Fields = Readonly<Record<string, unknown>>;

/** A customer-service message, without its receiver: `{"msgtype": "text", "text": {"content": "…"}}`. */
export type CustomMessage = Fields & { readonly msgtype: string };

/**
 * A customer-service message whose type and known fields are right. Unknown types and fields are left
 * as they are, for WeChat to judge.
 * @throws WeChatError with WeChat's errcode; its `detail` names the field
 */
export function checkCustomMessage(body: unknown): CustomMessage {
  const message = fieldsOf(body);
  const { msgtype, customservice } = message;
  if (typeof msgtype !== 'string' || !/^\w{1,64}$/.test(msgtype))
    refuse(40008, `msgtype must be a type such as ${SOME}`);
  checkContent(fieldsOf(message[msgtype]), Object.hasOwn(MESSAGES, msgtype) ? MESSAGES[msgtype] : {}, msgtype);
  if (customservice !== undefined) checkContent(fieldsOf(customservice), { kf_account: parameter }, 'customservice');
  return { ...message, msgtype };
}

const SOME = Object.keys(MESSAGES).join(', ');

function checkContent(fields: Fields, rules: Rules = {}, place: string): void {
  for (const [field, rule] of Object.entries(rules)) {
    if ('each' in rule) checkList(fields[field], rule, `${place}.${field}`);
    else checkText(fields[field], rule, `${place}.${field}`);
  }
}

function checkList(value: unknown, { each, most, missing, too_many }: ListRule, place: string): void {
  if (!Array.isArray(value) || value.length === 0) refuse(missing, `${place} must be a list and not empty`);
  if (value.length > most) refuse(too_many, `${place} has ${value.length} items, at most ${most}`);
  for (const [index, item] of value.entries()) checkContent(fieldsOf(item), each, `${place}[${index}]`);
}

function checkText(value: unknown, { missing, max_bytes, too_long }: TextRule, place: string): void {
  if (value === undefined && missing === undefined) return;
  if (typeof value !== 'string') refuse(missing ?? 40035, `${place} must be a string`);
  if (missing !== undefined && value === '') refuse(missing, `${place} is empty`);
  const bytes = Buffer.byteLength(value);
  if (max_bytes !== undefined && bytes > max_bytes)
    refuse(too_long ?? 40035, `${place} is ${bytes} bytes, at most ${max_bytes}`);
}

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** The path of the call that sends, which its errors name. */
export const SEND_PATH = '/cgi-bin/message/custom/send';

/**
 * Sends a checked message to a follower. WeChat allows it within 48 h of a follower's message (45015) and only a few
 * (45047).
 */
export const sendCustomMessage = (wechat: WeChat, openid: string, message: CustomMessage): Promise<WeChatResult> =>
  wechat(SEND_PATH, { body: { ...message, touser: openid } });
