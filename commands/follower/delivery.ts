import { randomInt } from 'node:crypto';
import { cdata } from '../../lib/wechat/callback/cdata.ts';
import { UsageError } from '../command.ts';

/** An action of a follower. For an event, `key` is its EventKey; for a message, `text` is its content. */
export type SimulatedAction = {
  openid: string;
  originalId: string;
  type: string;
  event?: string | undefined;
  text?: string | undefined;
  key?: string | undefined;
  scene?: string | undefined;
  /** The id of the link or menu choice that was tapped; `text` is its text. */
  tap?: string | undefined;
};

/** XML elements: like WeChat, numbers are written bare, strings as CDATA. */
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

/** The elements of an event besides its EventKey. */
const EVENTS: Record<string, Elements> = {
  LOCATION: { Latitude: 31.2304, Longitude: 121.4737, Precision: 65 },
  scancode_push: SCAN_RESULT,
  scancode_waitmsg: SCAN_RESULT,
  pic_sysphoto: PICTURES,
  pic_photo_or_album: PICTURES,
  pic_weixin: PICTURES,
  location_select: { SendLocationInfo: PLACE },
};

/** The EventKey of an action; a scene is prefixed if it led to a subscription. */
export function eventKeyOf({ event = '', key = '', scene }: SimulatedAction): string {
  if (scene === undefined) return key;
  return event.toLowerCase() === 'subscribe' ? `qrscene_${scene}` : scene;
}

/** The readable XML of a delivery made now (milliseconds). A MsgId is above 2^53, as WeChat's are. */
export function deliveryXml(action: SimulatedAction, now: number): string {
  const { openid, originalId, event } = action;
  const envelope = { ToUserName: originalId, FromUserName: openid, CreateTime: Math.floor(now / 1000) };
  const content = event === undefined ? messageOf(action, now) : eventOf(action, event);
  return `<xml>${render({ ...envelope, ...content })}</xml>`;
}

function messageOf({ type, text = '', tap }: SimulatedAction, now: number): Elements {
  const content = Object.hasOwn(MESSAGES, type) ? MESSAGES[type]?.(text) : undefined;
  if (!content) throw new UsageError(`--type must be one of ${Object.keys(MESSAGES).join(', ')}`);
  const MsgId = BigInt(now) * 1_000_000n + BigInt(randomInt(1_000_000));
  return { MsgType: type, ...content, MsgId, ...(tap !== undefined && { bizmsgmenuid: tap }) };
}

function eventOf(action: SimulatedAction, event: string): Elements {
  const ticket: Elements = action.scene === undefined ? {} : { Ticket: 'gQdemoTicket' };
  const known = Object.hasOwn(EVENTS, event) ? EVENTS[event] : {};
  const key: Elements = event === 'LOCATION' ? {} : { EventKey: eventKeyOf(action) };
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
