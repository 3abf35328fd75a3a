import { createHash } from 'node:crypto';
import { EVENTS, type EventName } from './events.ts';
import { either, type Facts, readFacts, text } from './fields.ts';
import { MESSAGE_ENVELOPE, MESSAGES, type MessageType } from './messages.ts';
import type { XmlFields, XmlValue } from './xml.ts';

const MAX_OPENID_BYTES = 128;
const NOBODY = '-';
/** WeChat's ids are digits; the limit keeps the sort key under 64 bytes whatever comes. */
const MSG_ID = /^[\x21-\x7e]{1,32}$/;
const DIGEST_BYTES = 16;
const OF_AUTHORIZATION: ReadonlySet<string> = new Set<EventName>([
  'user_info_modified',
  'user_authorization_revoke',
  'user_authorization_cancellation',
]);

/** What every delivery has: the account it went to, the follower it is about (`-` if nobody), and Unix seconds. */
export interface Envelope {
  readonly to: string;
  readonly from: string;
  readonly created: number;
}

type MessageOf<T extends MessageType> = Envelope & { readonly type: T; readonly id: string } & Facts<
    typeof MESSAGE_ENVELOPE
  > &
  Facts<(typeof MESSAGES)[T]>;
type EventOf<E extends EventName> = Envelope & { readonly type: 'event'; readonly event: E } & Facts<
    (typeof EVENTS)[E]
  >;

export type Message = { [T in MessageType]: MessageOf<T> }[MessageType];
export type Event = { [E in EventName]: EventOf<E> }[EventName];

/** A delivery of a type nobody has heard of, with all its elements. */
export type Unknown = Envelope & {
  readonly type: 'unknown';
  readonly msg_type: string;
  readonly event?: string;
  readonly fields: XmlFields;
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
export class MalformedDelivery extends Error {
  override readonly name = 'MalformedDelivery';
  readonly field: string;

  constructor(field: string, problem: string) {
    super(`${field} ${problem}`);
    this.field = field;
  }
}

const MESSAGE_NAMES = namesOf(MESSAGES);
const EVENT_NAMES = namesOf(EVENTS);
const toUserName = text('ToUserName');
const SENDERS = { FromUserName: text('FromUserName'), OpenID: either('OpenID', 'openid') };
const createTime = text('CreateTime');
const msgType = text('MsgType');
const eventName = text('Event');
const msgId = either('MsgId', 'MsgID');

/**
 * The delivery in the elements of a document. MsgType and Event are recognised in any case. A missing optional element
 * is absent, another is ''. Throws `MalformedDelivery` for a FromUserName over 128 bytes (or, in an authorization
 * change, OpenID), and for a CreateTime that is not 1 to 10 digits.
 */
export function readDelivery(fields: XmlFields): Delivery {
  const type = msgType(fields);
  return type.toLowerCase() === 'event' ? readEvent(fields, type) : readMessage(fields, type);
}

/** The kind of a delivery: `text`, `event.CLICK`, `unknown.<MsgType>`, `unknown.event.<Event>`. */
export function kindOf(delivery: Delivery): Kind | `unknown.${string}` {
  if (delivery.type === 'event') return `event.${delivery.event}`;
  if (delivery.type !== 'unknown') return delivery.type;
  return delivery.event === undefined
    ? `unknown.${delivery.msg_type}`
    : `unknown.${delivery.msg_type}.${delivery.event}`;
}

/**
 * What tells a delivery from the follower's others of the same second: the MsgId of a message; else a digest of all
 * elements, because job results differ in one of them only. WeChat's repetitions of a delivery have the same identity.
 */
export function identityOf(fields: XmlFields, delivery: Delivery): string {
  const id = 'event' in delivery ? undefined : msgId(fields);
  return id !== undefined && MSG_ID.test(id) ? id : digestOf(fields);
}

/** The sort key of a delivery among its follower's: CreateTime in 10 digits, `#`, identity. At most 43 bytes. */
export function sortKeyOf(fields: XmlFields, delivery: Delivery): string {
  return `${String(delivery.created).padStart(10, '0')}#${identityOf(fields, delivery)}`;
}

function readMessage(fields: XmlFields, msg_type: string): Delivery {
  const envelope = readEnvelope(fields, 'FromUserName');
  const type = MESSAGE_NAMES.get(msg_type.toLowerCase());
  if (type === undefined) return { ...envelope, type: 'unknown', msg_type, fields };
  const facts = { ...readFacts(MESSAGE_ENVELOPE, fields), ...readFacts(MESSAGES[type], fields) };
  return { ...envelope, type, id: msgId(fields) ?? '', ...facts } as Message;
}

function readEvent(fields: XmlFields, msg_type: string): Delivery {
  const name = eventName(fields);
  const event = EVENT_NAMES.get(name.toLowerCase());
  if (event === undefined) {
    return { ...readEnvelope(fields, 'FromUserName'), type: 'unknown', msg_type, event: name, fields };
  }
  const envelope = readEnvelope(fields, OF_AUTHORIZATION.has(event) ? 'OpenID' : 'FromUserName');
  return { ...envelope, type: 'event', event, ...readFacts(EVENTS[event], fields) } as Event;
}

function readEnvelope(fields: XmlFields, sender: keyof typeof SENDERS): Envelope {
  const from = SENDERS[sender](fields) || NOBODY;
  const bytes = Buffer.byteLength(from);
  if (bytes > MAX_OPENID_BYTES) throw new MalformedDelivery(sender, `is ${bytes} bytes, at most ${MAX_OPENID_BYTES}`);
  return { to: toUserName(fields), from, created: readCreateTime(createTime(fields)) };
}

function readCreateTime(seconds: string): number {
  if (!/^\d{1,10}$/.test(seconds)) throw new MalformedDelivery('CreateTime', 'is not a time in seconds');
  return Number(seconds);
}

function digestOf(fields: XmlFields): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(sorted(fields)))
    .digest();
  return digest.subarray(0, DIGEST_BYTES).toString('base64url');
}

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
