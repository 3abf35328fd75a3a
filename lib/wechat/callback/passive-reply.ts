import { AppError, hasCode } from '../../platform/error.ts';
import { hasFields, listOf, oneOf, type Reader, record, text } from '../../platform/read.ts';
import { cdata, legalText } from './cdata.ts';

interface Article {
  readonly title: string;
  readonly description?: string;
  readonly url?: string;
  readonly picurl?: string;
}

/** A passive reply (被动回复), inside the response to a delivery. Names are those of WeChat's JSON messages. */
export type Reply =
  | { readonly type: 'text'; readonly content: string }
  | { readonly type: 'image'; readonly media_id: string }
  | { readonly type: 'voice'; readonly media_id: string }
  | { readonly type: 'video'; readonly media_id: string; readonly title?: string; readonly description?: string }
  | {
      readonly type: 'music';
      readonly thumb_media_id: string;
      readonly title?: string;
      readonly description?: string;
      readonly musicurl?: string;
      readonly hqmusicurl?: string;
    }
  | { readonly type: 'news'; readonly articles: readonly Article[] }
  | { readonly type: 'transfer_customer_service'; readonly kf_account?: string };

type ReplyOf<T extends Reply['type']> = Extract<Reply, { type: T }>;

/** The parties of a reply: the follower it goes to, the account it comes from; and CreateTime in Unix seconds. */
export interface Parties {
  readonly to: string;
  readonly from: string;
  readonly createTime: number;
}

/** A reply that WeChat would drop, or for which it would show its notice of a failure. Names the place and the limit. */
export class InvalidReply extends AppError<'INVALID_REPLY'> {
  override readonly name = 'InvalidReply';
  readonly place: string;
  readonly problem: string;

  constructor(place: string, problem: string) {
    super('INVALID_REPLY', `${place} ${problem}`);
    this.place = place;
    this.problem = problem;
  }
}

export const isInvalidReply = (thrown: unknown): thrown is InvalidReply => hasCode(thrown, 'INVALID_REPLY');

/** The longest text, in bytes of UTF-8. Not on WeChat's pages: the limit that other bots use and clients display. */
export const MAX_TEXT_BYTES = 2048;
/** WeChat's limits since October 2018: one article in reply to a message, eight to an event. */
const MAX_ARTICLES = { message: 1, event: 8 } as const;

const BODIES: { readonly [T in Reply['type']]: (reply: ReplyOf<T>) => string } = {
  text: ({ content }) => element('Content', content),
  image: ({ media_id }) => `<Image>${element('MediaId', media_id)}</Image>`,
  voice: ({ media_id }) => `<Voice>${element('MediaId', media_id)}</Voice>`,
  video: ({ media_id, title, description }) =>
    `<Video>${element('MediaId', media_id)}${element('Title', title)}${element('Description', description)}</Video>`,
  music: ({ title, description, musicurl, hqmusicurl, thumb_media_id }) =>
    `<Music>${element('Title', title)}${element('Description', description)}${element('MusicUrl', musicurl)}` +
    `${element('HQMusicUrl', hqmusicurl)}${element('ThumbMediaId', thumb_media_id)}</Music>`,
  news: ({ articles }) =>
    `<ArticleCount>${articles.length}</ArticleCount><Articles>${articles.map(item).join('')}</Articles>`,
  transfer_customer_service: ({ kf_account }) =>
    kf_account === undefined ? '' : `<TransInfo>${element('KfAccount', kf_account)}</TransInfo>`,
};

const TITLED = { title: text, description: text };

const READERS: { readonly [T in Reply['type']]: Reader<ReplyOf<T>> } = {
  text: record({ type: oneOf('text'), content: text }),
  image: record({ type: oneOf('image'), media_id: text }),
  voice: record({ type: oneOf('voice'), media_id: text }),
  video: record({ type: oneOf('video'), media_id: text }, TITLED),
  music: record({ type: oneOf('music'), thumb_media_id: text }, { ...TITLED, musicurl: text, hqmusicurl: text }),
  news: record({
    type: oneOf('news'),
    articles: listOf(record({ title: text }, { description: text, url: text, picurl: text })),
  }),
  transfer_customer_service: record({ type: oneOf('transfer_customer_service') }, { kf_account: text }),
};

/** A reply as it was stored, also by another version; undefined if it is of a type that this one does not know. */
export function replyIn(value: unknown): Reply | null | undefined {
  if (value === null) return null;
  return hasFields(value) && isType(value.type) ? READERS[value.type](value) : undefined;
}

const isType = (type: unknown): type is Reply['type'] => typeof type === 'string' && Object.hasOwn(READERS, type);

const CHECKS: { readonly [T in Reply['type']]: (reply: ReplyOf<T>, mostArticles: number) => void } = {
  text: ({ content }) => checkText(content),
  image: ({ media_id }) => checkPresent('media_id', media_id),
  voice: ({ media_id }) => checkPresent('media_id', media_id),
  video: ({ media_id }) => checkPresent('media_id', media_id),
  music: ({ thumb_media_id }) => checkPresent('thumb_media_id', thumb_media_id),
  news: ({ articles }, mostArticles) => checkArticles(articles, mostArticles),
  transfer_customer_service: ({ kf_account }) => {
    if (kf_account !== undefined) checkPresent('kf_account', kf_account);
  },
};

/** True if this version can render the reply: a later one may have saved other types. */
export const isRenderable = ({ type }: Reply): boolean => isType(type);

/** The reply as the XML that WeChat reads. Characters that XML cannot hold are left out. Checks no limit. */
export function renderReply(reply: Reply, { to, from, createTime }: Parties): string {
  const body = BODIES[reply.type] as (reply: Reply) => string;
  return (
    `<xml>${element('ToUserName', to)}${element('FromUserName', from)}<CreateTime>${createTime}</CreateTime>` +
    `${element('MsgType', reply.type)}${body(reply)}</xml>`
  );
}

/**
 * Checks a reply against WeChat's limits.
 * @throws InvalidReply for an empty text or one over 2,048 bytes, a missing media id, articles without a title, none, or
 * more than 1 (in reply to a message) or 8 (to an event)
 */
export function checkReply(reply: Reply, to: keyof typeof MAX_ARTICLES): void {
  const check = CHECKS[reply.type] as (reply: Reply, mostArticles: number) => void;
  check(reply, MAX_ARTICLES[to]);
}

function checkText(content: string): void {
  checkPresent('content', content);
  const bytes = Buffer.byteLength(legalText(content));
  if (bytes > MAX_TEXT_BYTES) throw new InvalidReply('content', `is ${bytes} bytes, at most ${MAX_TEXT_BYTES}`);
}

function checkArticles(articles: readonly Article[], most: number): void {
  if (!Array.isArray(articles)) throw new InvalidReply('articles', 'is not a list');
  if (articles.length === 0) throw new InvalidReply('articles', 'is empty');
  if (articles.length > most) throw new InvalidReply('articles', `has ${articles.length} entries, at most ${most}`);
  for (const [index, { title }] of articles.entries()) checkPresent(`articles[${index}].title`, title);
}

function checkPresent(place: string, text: string): void {
  if (typeof text !== 'string') throw new InvalidReply(place, 'is not a string');
  if (legalText(text) === '') throw new InvalidReply(place, 'is empty');
}

function item({ title, description, picurl, url }: Article): string {
  return `<item>${element('Title', title)}${element('Description', description)}${element('PicUrl', picurl)}${element('Url', url)}</item>`;
}

function element(name: string, text: string | undefined): string {
  return text === undefined ? '' : `<${name}>${cdata(text)}</${name}>`;
}
