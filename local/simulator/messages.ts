import { spend } from './allowances.ts';
import { type Apis, bodyOf, type Fields, isFields, OK, textOf } from './call.ts';
import { followerOf } from './followers.ts';
import { type Errcode, Refusal } from './refusal.ts';
import type { AccountState, Follower } from './state.ts';

const TEXT_BYTES = 2048;

/** The required fields of each msgtype, and the errcode if one is missing. */
const REQUIRED: Record<string, readonly [field: string, errcode: Errcode][]> = {
  text: [['content', 44004]],
  image: [['media_id', 40007]],
  voice: [['media_id', 40007]],
  video: [
    ['media_id', 40007],
    ['thumb_media_id', 40007],
  ],
  music: [
    ['musicurl', 47001],
    ['hqmusicurl', 47001],
    ['thumb_media_id', 40007],
  ],
  news: [],
  mpnews: [['media_id', 40007]],
  mpnewsarticle: [['article_id', 53600]],
  msgmenu: [],
  wxcard: [['card_id', 47001]],
  miniprogrampage: [
    ['title', 47001],
    ['appid', 40013],
    ['pagepath', 40165],
    ['thumb_media_id', 40007],
  ],
  link: [
    ['title', 47001],
    ['url', 40066],
  ],
};

/** Messages besides passive replies: customer-service messages within the follower's allowances, and templates. */
export const messageApis: Apis = {
  'POST /cgi-bin/message/custom/send': ({ account, raw, now }) => {
    if (account.may_send_messages === false) throw new Refusal(48001);
    const body = bodyOf(raw);
    const follower = receiverOf(account, body);
    checkMessage(body);
    spend(follower, now);
    store(account, body, now);
    return OK;
  },
  'POST /cgi-bin/message/template/send': ({ account, raw, now }) => {
    const body = bodyOf(raw);
    const { openid } = receiverOf(account, body);
    if (textOf(body, 'template_id') === '') throw new Refusal(40037);
    if (!isFields(body.data)) throw new Refusal(47003);
    if (account.blacklist.includes(openid)) throw new Refusal(43019);
    return { ...OK, msgid: store(account, body, now) };
  },
};

function receiverOf(account: AccountState, body: Fields): Follower {
  if (textOf(body, 'touser') === '') throw new Refusal(40003);
  const follower = followerOf(account, body.touser);
  if (!follower?.subscribe) throw new Refusal(43004);
  return follower;
}

function checkMessage(body: Fields): void {
  const msgtype = textOf(body, 'msgtype');
  if (!Object.hasOwn(REQUIRED, msgtype)) throw new Refusal(40008);
  const content = body[msgtype];
  if (!isFields(content)) throw new Refusal(44002);
  const missing = REQUIRED[msgtype]?.find(([field]) => textOf(content, field) === '');
  if (missing) throw new Refusal(missing[1]);
  if (msgtype === 'text' && Buffer.byteLength(textOf(content, 'content')) > TEXT_BYTES) throw new Refusal(45002);
  if (msgtype === 'news') checkArticles(content.articles);
  if (msgtype === 'msgmenu') checkChoices(content.list);
}

function checkArticles(articles: unknown): void {
  if (!Array.isArray(articles) || articles.length === 0) throw new Refusal(44003);
  if (articles.length > 1) throw new Refusal(45008);
}

function checkChoices(list: unknown): void {
  const isChoice = (each: unknown) => isFields(each) && each.id !== undefined && textOf(each, 'content') !== '';
  if (!Array.isArray(list) || list.length === 0 || !list.every(isChoice)) throw new Refusal(47001);
}

function store(account: AccountState, message: Fields, now: number): bigint {
  const msgid = account.next_msgid;
  account.next_msgid = String(BigInt(msgid) + 1n);
  account.sent.push({ openid: textOf(message, 'touser'), msgid, at: now, message });
  return BigInt(msgid);
}
