import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Delivery, Event, Message, Unknown } from '../../wechat/delivery.ts';
import type { EventName } from '../../wechat/events.ts';
import type { Reply } from '../../wechat/reply.ts';
import { isConditionFalse } from '../client.ts';
import { type Interaction, type Placement, placed } from './item.ts';

/** The server's interface to the interactions: write one. The back office's is `history.ts`. */
export type Recorder = ReturnType<typeof recorder>;

/** How a delivery came and what was decided for it. */
export type Taken = {
  /** CreateTime in 10 digits, `#`, identity: repetitions of a delivery have the same. */
  readonly created: string;
  /** When it reached us, in milliseconds. */
  readonly receivedAt: number;
  readonly kind: string;
  readonly reply: Reply | null;
};

/** What is in the table now: this delivery's reply, or the first attempt's if WeChat had sent it before. */
export type Kept = { readonly reply: Reply | null; readonly receivedAt: number; readonly isRepeated: boolean };

type EventNamed<E extends EventName> = Extract<Event, { event: E }>;

export type Subscription = EventNamed<'subscribe' | 'unsubscribe'>;
export type Scan = EventNamed<'SCAN'>;
export type Location = EventNamed<'LOCATION'>;
export type MenuAction = EventNamed<
  | 'CLICK'
  | 'VIEW'
  | 'view_miniprogram'
  | 'scancode_push'
  | 'scancode_waitmsg'
  | 'pic_sysphoto'
  | 'pic_photo_or_album'
  | 'pic_weixin'
  | 'location_select'
>;
export type JobResult = EventNamed<'TEMPLATESENDJOBFINISH' | 'MASSSENDJOBFINISH' | 'PUBLISHJOBFINISH'>;
export type Notice = Exclude<Event, Subscription | Scan | Location | MenuAction | JobResult>;

/** WeChat hangs up after 5 s; the write may take this much of it. */
const WRITE_TIME_MS = 3_500;

/**
 * One function per behaviour of a follower, each one conditional write (and a consistent read if the delivery is
 * there already). They throw what DynamoDB throws when the write failed to the end of its time: then nothing is kept.
 */
export function recorder(db: DynamoDBDocumentClient, table: string, placement: Placement) {
  return {
    message: ({ id, ...message }: Message, taken: Taken) => keep(message, taken, { msg_id: id }),
    subscription: (event: Subscription, taken: Taken) => keep(event, taken),
    scan: (event: Scan, taken: Taken) => keep(event, taken),
    menuAction: (event: MenuAction, taken: Taken) => keep(event, taken),
    location: (event: Location, taken: Taken) => keep(event, taken),
    jobResult: (event: JobResult, taken: Taken) => keep(event, taken),
    notice: (event: Notice, taken: Taken) => keep(event, taken),
    unknown: ({ fields, ...delivery }: Unknown, taken: Taken) => keep(delivery, taken, { fields }),
  };

  async function keep(delivery: Envelope, taken: Taken, more: object = {}): Promise<Kept> {
    const { to, from, created, type, ...facts } = delivery;
    const identity = taken.created.slice(taken.created.indexOf('#') + 1);
    const interaction: Interaction = {
      openid: from,
      created: taken.created,
      ...placed(placement, taken.receivedAt, identity),
      direction: 'in',
      kind: taken.kind,
      details: { ...more, ...facts },
      reply: taken.reply,
    };
    const abortSignal = AbortSignal.timeout(WRITE_TIME_MS);
    try {
      await db.send(
        new PutCommand({ TableName: table, Item: interaction, ConditionExpression: 'attribute_not_exists(openid)' }),
        { abortSignal },
      );
      return { reply: taken.reply, receivedAt: taken.receivedAt, isRepeated: false };
    } catch (error) {
      if (!isConditionFalse(error)) throw error;
      return first(from, taken, abortSignal);
    }
  }

  /** What the first attempt kept; a retry must be answered with the same. */
  async function first(openid: string, taken: Taken, abortSignal: AbortSignal): Promise<Kept> {
    const key = { openid, created: taken.created };
    const { Item } = await db.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }), {
      abortSignal,
    });
    const interaction = Item as Interaction | undefined;
    return {
      reply: interaction ? (interaction.reply ?? null) : taken.reply,
      receivedAt: interaction ? Number(interaction.received.slice(0, 13)) : taken.receivedAt,
      isRepeated: true,
    };
  }
}

type Envelope = Omit<Delivery, 'fields' | 'id'>;
