import type { WeChat } from './client.ts';
import type { Refusable } from './errcodes.ts';
import { refuse, type WeChatAnswer } from './error.ts';

/** A field that is text: with `missing` it must be there and not be empty, and that is the errcode if it is not. */
type TextRule = { missing?: Refusable; max_bytes?: number; too_long?: Refusable };
/** A field that is a list of 1 to `most` objects. */
type ListRule = { each: Record<string, TextRule>; most: number; missing: Refusable; too_many: Refusable };
type Rules = Record<string, TextRule | ListRule>;

const text = {} as const satisfies TextRule;
const media = { missing: 40007 } as const satisfies TextRule;
const parameter = { missing: 40035 } as const satisfies TextRule;

/** The customer-service messages WeChat takes, and the fields of each. */
export const MESSAGES = {
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
  miniprogrampage: { appid: { missing: 41002 }, pagepath: { missing: 40165 }, thumb_media_id: media, title: text },
} as const satisfies Record<string, Rules>;

export type MessageType = keyof typeof MESSAGES;

type Texts<R> = { [F in keyof R as R[F] extends { missing: Refusable } ? F : never]: string } & {
  [F in keyof R as R[F] extends { missing: Refusable } ? never : F]?: string;
};
type Lists<R> = {
  [F in keyof R as R[F] extends ListRule ? F : never]: R[F] extends ListRule ? Texts<R[F]['each']>[] : never;
};
type Content<R> = Lists<R> & Texts<{ [F in keyof R as R[F] extends ListRule ? never : F]: R[F] }>;

/** A customer-service message, without its receiver. */
export type CustomMessage = {
  [Type in MessageType]: { msgtype: Type; customservice?: { kf_account: string } } & {
    [Field in Type]: Content<(typeof MESSAGES)[Type]>;
  };
}[MessageType];

type Fields = Record<string, unknown>;

/**
 * Checks a customer-service message (`{"msgtype":"text","text":{"content":"…"}}`) and answers it with the fields WeChat
 * knows and no others. Throws WeChatError with WeChat's errcode; its `detail` names the field.
 */
export function checkCustomMessage(body: unknown): CustomMessage {
  const { msgtype, customservice, ...contents } = fieldsOf(body);
  if (!isMessageType(msgtype)) refuse(40008, `msgtype must be one of ${Object.keys(MESSAGES).join(', ')}`);
  const content = checkContent(fieldsOf(contents[msgtype]), MESSAGES[msgtype], msgtype);
  const account = customservice === undefined ? {} : { customservice: checkAccount(fieldsOf(customservice)) };
  return { msgtype, [msgtype]: content, ...account } as CustomMessage;
}

const isMessageType = (type: unknown): type is MessageType => typeof type === 'string' && Object.hasOwn(MESSAGES, type);

const checkAccount = (customservice: Fields): Fields =>
  checkContent(customservice, { kf_account: parameter }, 'customservice');

function checkContent(fields: Fields, rules: Rules, place: string): Fields {
  const checked = Object.entries(rules).map(([field, rule]) => {
    const check =
      'each' in rule
        ? checkList(fields[field], rule, `${place}.${field}`)
        : checkText(fields[field], rule, `${place}.${field}`);
    return [field, check] as const;
  });
  return Object.fromEntries(checked.filter(([, value]) => value !== undefined));
}

function checkList(value: unknown, { each, most, missing, too_many }: ListRule, place: string): Fields[] {
  if (!Array.isArray(value) || value.length === 0) refuse(missing, `${place} must be a list and not empty`);
  if (value.length > most) refuse(too_many, `${place} has ${value.length} items, at most ${most}`);
  return value.map((item, index) => checkContent(fieldsOf(item), each, `${place}[${index}]`));
}

function checkText(value: unknown, { missing, max_bytes, too_long }: TextRule, place: string): string | undefined {
  if (value === undefined && missing === undefined) return undefined;
  if (typeof value !== 'string') refuse(missing ?? 40035, `${place} must be text`);
  if (missing !== undefined && value === '') refuse(missing, `${place} is empty`);
  const bytes = Buffer.byteLength(value);
  if (max_bytes !== undefined && bytes > max_bytes)
    refuse(too_long ?? 40035, `${place} is ${bytes} bytes, at most ${max_bytes}`);
  return value;
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

/**
 * Sends a checked message to a follower. WeChat allows it within 48 h of a follower's message (45015) and only a few
 * (45047).
 */
export const sendCustomMessage = (
  call: WeChat,
  openid: string,
  message: CustomMessage,
  deadline?: number,
): Promise<WeChatAnswer> => call('/cgi-bin/message/custom/send', { body: { touser: openid, ...message }, deadline });
