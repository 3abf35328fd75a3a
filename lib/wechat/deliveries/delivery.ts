import { hash } from 'node:crypto';
import { AppError, codeOf, hasCode } from '../../platform/error.ts';
import { isJson, objectInJson } from '../callback/envelope.ts';
import { envelopeOf, parseDelivery } from '../callback/sections.ts';
import type { XmlFields, XmlValue } from '../callback/xml.ts';
import type { EventKind } from './behaviour.ts';
import { EVENTS, type EventName } from './events.ts';
import { either, type Facts, type Known, knownOf, pathsOf, readFacts, type Shape, text, unread } from './fields.ts';
import { MESSAGE_ENVELOPE, MESSAGES, type MessageType } from './messages.ts';

const MAX_OPENID_BYTES = 128;
const SECONDS_DIGITS = 10;
const NOBODY = '-';
/** WeChat's ids are digits; the limit bounds the sort key to 64 bytes. */
const MSG_ID = /^[\x21-\x7e]{1,32}$/;
const DIGEST_BYTES = 16;

/** The fields of every delivery: the account it went to, its follower (`-` if none), and Unix seconds. */
interface Envelope {
  readonly to: string;
  readonly from: string;
  /** 0 if WeChat did not say. */
  readonly createTime: number;
  /** The unknown elements. */
  readonly other?: XmlFields;
}

type MessageOf<T extends MessageType> = Envelope & { readonly type: T; readonly id: string } & Facts<
    typeof MESSAGE_ENVELOPE
  > &
  Facts<(typeof MESSAGES)[T]>;
type EventOf<E extends EventName> = Envelope & { readonly type: 'event'; readonly event: E } & Facts<
    (typeof EVENTS)[E]['fields']
  >;

export type Message = { [T in MessageType]: MessageOf<T> }[MessageType];
export type Event = { [E in EventName]: EventOf<E> }[EventName];

/** A delivery of an unknown type, with all its elements. */
export type Unknown = Envelope & {
  readonly type: 'unknown';
  readonly msg_type: string;
  readonly event?: string;
  readonly fields: XmlFields;
};

/** A delivery that is WeChat's and cannot be read. */
export type Unreadable = Pick<Envelope, 'from' | 'createTime'> & {
  readonly type: 'unreadable';
  /** `xml`, `element` (one that cannot be right), `json`, `utf8`, or `unexpected`: a fault of ours. */
  readonly reason: string;
  /** The fault, in words. */
  readonly problem: string;
  /** As it came: in base64 if it is not UTF-8. */
  readonly raw: string;
  readonly encoding: 'utf8' | 'base64';
};

/** One push by WeChat. `type` tells messages apart, `event` the events. */
export type Delivery = Message | Event | Unknown;

/** The name of a known kind of delivery: `text`, `event.CLICK`. */
export type Kind = MessageType | `event.${EventName}`;

/** The delivery a kind names, with its fields. */
export type DeliveryOf<K extends Kind> = K extends MessageType
  ? MessageOf<K>
  : K extends `event.${infer E extends EventName}`
    ? EventOf<E>
    : never;

/** A delivery whose envelope cannot be right. Names the element. */
export class MalformedDelivery extends AppError<'MALFORMED_DELIVERY'> {
  override readonly name = 'MalformedDelivery';
  readonly field: string;

  constructor(field: string, problem: string) {
    super('MALFORMED_DELIVERY', `${field} ${problem}`);
    this.field = field;
  }
}

const MESSAGE_NAMES = namesOf(MESSAGES);
const EVENT_NAMES = namesOf(EVENTS);
const toUserName = text('ToUserName');
const SENDERS = { FromUserName: text('FromUserName'), OpenID: either('OpenID', 'openid') };
const createTimeText = text('CreateTime');
const msgType = text('MsgType');
const eventName = text('Event');
const msgId = either('MsgId', 'MsgID');
const ENVELOPE = { toUserName, from: SENDERS.FromUserName, createTimeText, msgType } satisfies Shape;
const MESSAGE_IDS = { msgId } satisfies Shape;
const EVENT_NAME = { eventName } satisfies Shape;

/** A delivery, and what tells it from its follower's others of the same second: see `identityOf`. */
export type Arrival<D = Delivery> = { readonly delivery: D; readonly identity: string };

/** Reads a push of WeChat's: text, or bytes that are not UTF-8. Never throws. */
export function readArrival(message: string | Buffer): Arrival | Arrival<Unreadable> {
  try {
    if (typeof message !== 'string') throw new AppError('NOT_UTF8', 'it is not UTF-8');
    const fields = parseDelivery(message);
    const delivery = readDelivery(fields);
    return { delivery, identity: identityOf(fields, delivery) };
  } catch (error) {
    return asUnreadable(message, error as Error);
  }
}

/**
 * The delivery in the elements of a document. MsgType and Event are recognized in any letter case. A missing optional element
 * is absent, another is ''. Milliseconds of a CreateTime are cut off. Throws `MalformedDelivery` for a FromUserName over
 * 128 bytes (or, in an authorization change, OpenID), and for a CreateTime that is no number.
 */
export function readDelivery(fields: XmlFields): Delivery {
  const type = msgType(fields);
  return type.toLowerCase() === 'event' ? readEvent(fields, type) : readMessage(fields, type);
}

/** The kind of a delivery: `text`, `event.CLICK`, `unknown.<MsgType>`, `unknown.event.<Event>`. */
export function kindOf(delivery: Delivery): Kind | `unknown.${string}`;
export function kindOf(delivery: Delivery | Unreadable): Kind | `unknown.${string}` | 'unreadable';
export function kindOf(delivery: Delivery | Unreadable): Kind | `unknown.${string}` | 'unreadable' {
  if (delivery.type === 'event') return `event.${delivery.event}`;
  if (delivery.type !== 'unknown') return delivery.type;
  return delivery.event === undefined
    ? `unknown.${delivery.msg_type}`
    : `unknown.${delivery.msg_type}.${delivery.event}`;
}

/**
 * The identity of a delivery among the follower's others of the same second: the MsgId of a message; else a digest of all
 * elements, because job results differ in one of them only. WeChat's repetitions of a delivery have the same identity. At
 * most 32 bytes.
 */
export function identityOf(fields: XmlFields, delivery: Delivery): string {
  const id = 'event' in delivery ? undefined : msgId(fields);
  return id !== undefined && MSG_ID.test(id) ? id : digestOf(fields);
}

function readMessage(fields: XmlFields, msg_type: string): Delivery {
  const envelope = readEnvelope(fields, 'FromUserName');
  const type = MESSAGE_NAMES.get(msg_type.toLowerCase());
  if (type === undefined) return { ...envelope, type: 'unknown', msg_type, fields };
  const facts = { ...readFacts(MESSAGE_ENVELOPE, fields), ...readFacts(MESSAGES[type], fields) };
  const other = otherIn(fields, envelope, type, [MESSAGE_IDS, MESSAGE_ENVELOPE, MESSAGES[type]]);
  return { ...envelope, type, id: msgId(fields) ?? '', ...facts, ...other } as Message;
}

function readEvent(fields: XmlFields, msg_type: string): Delivery {
  const name = eventName(fields);
  const event = EVENT_NAMES.get(name.toLowerCase());
  if (event === undefined) {
    return { ...readEnvelope(fields, 'FromUserName'), type: 'unknown', msg_type, event: name, fields };
  }
  const kind: EventKind = EVENTS[event];
  const envelope = readEnvelope(fields, kind.sender ?? 'FromUserName');
  const other = otherIn(fields, envelope, `event.${event}`, [EVENT_NAME, kind.fields]);
  return { ...envelope, type: 'event', event, ...readFacts(kind.fields, fields), ...other } as Event;
}

function readEnvelope(fields: XmlFields, sender: keyof typeof SENDERS): Envelope {
  const from = SENDERS[sender](fields) || NOBODY;
  const bytes = Buffer.byteLength(from);
  if (bytes > MAX_OPENID_BYTES) throw new MalformedDelivery(sender, `is ${bytes} bytes, at most ${MAX_OPENID_BYTES}`);
  return { to: toUserName(fields), from, createTime: readCreateTime(createTimeText(fields)) };
}

/** Some published samples have milliseconds, or none. */
function readCreateTime(time: string): number {
  if (!/^\d{0,16}$/.test(time)) throw new MalformedDelivery('CreateTime', 'is not a time in seconds');
  return Number(time.slice(0, SECONDS_DIGITS));
}

const KNOWN = new Map<Kind, Known | undefined>();

/** The unread elements of a delivery, and a CreateTime that was cut. */
function otherIn(
  fields: XmlFields,
  { createTime }: Envelope,
  kind: Kind,
  shapes: readonly Shape[],
): Pick<Envelope, 'other'> {
  if (!KNOWN.has(kind)) KNOWN.set(kind, knownIn([ENVELOPE, ...shapes]));
  const known = KNOWN.get(kind);
  const left = known === undefined ? undefined : unread(fields, known);
  const time = createTimeText(fields);
  const cut = Number(time) === createTime ? undefined : { CreateTime: time };
  return left === undefined && cut === undefined ? {} : { other: { ...cut, ...left } };
}

function knownIn(shapes: readonly Shape[]): Known | undefined {
  const paths = pathsOf(shapes.flatMap((shape) => Object.values(shape)));
  return paths === undefined ? undefined : knownOf(paths);
}

/** The reasons as they are recorded, by the code of what was thrown. */
const REASONS: Readonly<Record<string, string>> = {
  NOT_UTF8: 'utf8',
  MALFORMED_DELIVERY: 'element',
  MALFORMED_XML: 'xml',
};

const reasonOf = (error: Error, raw: string): string =>
  hasCode(error, 'MALFORMED_XML') && isJson(raw) ? 'json' : (REASONS[codeOf(error) ?? ''] ?? 'unexpected');

function problemOf(reason: string, { name, message }: Error): string {
  if (reason === 'json') return 'it is JSON: choose XML as the data format (数据格式) at mp.weixin.qq.com';
  return reason === 'unexpected' ? name : message;
}

/** Its place in the history is found as well as can be: the follower if an envelope names one, and the time. */
function asUnreadable(message: string | Buffer, error: Error): Arrival<Unreadable> {
  const text = String(message);
  const reason = reasonOf(error, text);
  const { FromUserName, CreateTime } = reason === 'json' ? objectInJson(text) : envelopeOf(text);
  const from =
    /^[\w-]{2,128}$/.test(String(FromUserName)) && FromUserName !== undefined ? String(FromUserName) : NOBODY;
  const [seconds = '0'] = /^\d{1,10}/.exec(String(CreateTime)) ?? [];
  const isText = typeof message === 'string';
  const delivery: Unreadable = {
    type: 'unreadable',
    from,
    createTime: Number(seconds),
    reason,
    problem: problemOf(reason, error),
    raw: isText ? message : message.toString('base64'),
    encoding: isText ? 'utf8' : 'base64',
  };
  return { delivery, identity: digest(message) };
}

const digest = (content: string | Buffer): string =>
  hash('sha256', content, 'buffer').subarray(0, DIGEST_BYTES).toString('base64url');

const digestOf = (fields: XmlFields): string => digest(JSON.stringify(sorted(fields)));

function sorted(value: XmlValue): unknown {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.keys(value)
    .sort()
    .map((name) => [name, sorted(value[name] ?? '')]);
}

function namesOf<Name extends string>(table: Readonly<Record<Name, unknown>>): ReadonlyMap<string, Name> {
  return new Map((Object.keys(table) as Name[]).map((name) => [name.toLowerCase(), name]));
}
