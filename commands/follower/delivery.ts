import { randomInt } from 'node:crypto';
import { cdata } from '../../lib/wechat/callback/cdata.ts';
import { UsageError } from '../command.ts';

/** What a follower does. For an event, `key` is its EventKey; for a message, `text` is what is said. */
export type Doing = {
  openid: string;
  originalId: string;
  type: string;
  event?: string | undefined;
  text?: string | undefined;
  key?: string | undefined;
  scene?: string | undefined;
  /** A text that is a tap on a link or on a choice of a menu that was sent: its id. */
  tap?: string | undefined;
};

/** What an element holds: numbers are written bare, texts as CDATA, as WeChat does. */
type Elements = { [name: string]: string | number | bigint | Elements };

const MESSAGES: Record<string, (text: string) => Elements> = {
  text: (text) => ({ Content: text }),
  image: () => ({ PicUrl: 'http://mmbiz.example/p.jpg', MediaId: 'M-img-1' }),
  voice: (text) => ({ MediaId: 'M-v-1', Format: 'amr', MediaId16K: 'M-v-1-16k', Recognition: text }),
  video: () => ({ MediaId: 'M-vd-1', ThumbMediaId: 'M-t-1' }),
  shortvideo: () => ({ MediaId: 'M-sv-1', ThumbMediaId: 'M-t-2' }),
  location: (text) => ({ Location_X: 31.2304, Location_Y: 121.4737, Scale: 16, Label: text || '示例路 1 号' }),
  link: (text) => ({ Title: text || '标题', Description: '描述', Url: 'https://example.com/a?x=1&y=2' }),
};

const SCAN_RESULT: Elements = { ScanCodeInfo: { ScanType: 'qrcode', ScanResult: 'https://example.com/' } };
const PICTURES: Elements = {
  SendPicsInfo: { Count: 1, PicList: { item: { PicMd5Sum: '00112233445566778899aabbccddeeff' } } },
};
const PLACE = { Location_X: '31', Location_Y: '121', Scale: '15', Label: '示例路 1 号', Poiname: '' };

/** What an event brings besides its EventKey. */
const EVENTS: Record<string, Elements> = {
  LOCATION: { Latitude: 31.2304, Longitude: 121.4737, Precision: 65 },
  scancode_push: SCAN_RESULT,
  scancode_waitmsg: SCAN_RESULT,
  pic_sysphoto: PICTURES,
  pic_photo_or_album: PICTURES,
  pic_weixin: PICTURES,
  location_select: { SendLocationInfo: PLACE },
};

/** The EventKey of a doing: a scene is prefixed when it brought a new follower. */
export function eventKeyOf({ event = '', key = '', scene }: Doing): string {
  if (scene === undefined) return key;
  return event.toLowerCase() === 'subscribe' ? `qrscene_${scene}` : scene;
}

/** The readable XML of a delivery made now (milliseconds). A MsgId is above 2^53, as WeChat's are. */
export function deliveryXml(doing: Doing, now: number): string {
  const { openid, originalId, event } = doing;
  const envelope = { ToUserName: originalId, FromUserName: openid, CreateTime: Math.floor(now / 1000) };
  const content = event === undefined ? messageOf(doing, now) : eventOf(doing, event);
  return `<xml>${render({ ...envelope, ...content })}</xml>`;
}

function messageOf({ type, text = '', tap }: Doing, now: number): Elements {
  const content = Object.hasOwn(MESSAGES, type) ? MESSAGES[type]?.(text) : undefined;
  if (!content) throw new UsageError(`--type must be one of ${Object.keys(MESSAGES).join(', ')}`);
  const MsgId = BigInt(now) * 1_000_000n + BigInt(randomInt(1_000_000));
  return { MsgType: type, ...content, MsgId, ...(tap !== undefined && { bizmsgmenuid: tap }) };
}

function eventOf(doing: Doing, event: string): Elements {
  const ticket: Elements = doing.scene === undefined ? {} : { Ticket: 'gQdemoTicket' };
  const known = Object.hasOwn(EVENTS, event) ? EVENTS[event] : {};
  const key: Elements = event === 'LOCATION' ? {} : { EventKey: eventKeyOf(doing) };
  return { MsgType: 'event', Event: event, ...key, ...ticket, ...known };
}

function render(elements: Elements): string {
  return Object.entries(elements)
    .map(([name, value]) => `<${name}>${renderValue(value)}</${name}>`)
    .join('');
}

function renderValue(value: Elements[string]): string {
  if (typeof value === 'string') return cdata(value);
  return typeof value === 'object' ? render(value) : String(value);
}
