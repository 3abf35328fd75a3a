import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { get, put, type Table } from '../../aws/dynamodb.ts';
import { type Interaction, ofNobody, type Placement, placed } from '../../interactions/interaction.ts';
import { followingKey, identityIn, NOBODY, receivedAtOf, type Suffix } from '../../interactions/keys.ts';
import { log } from '../../platform/log.ts';
import { oneOf, record, text } from '../../platform/read.ts';
import { withTimeLimit } from '../../platform/time-limit.ts';
import { type Reply, replyIn } from '../../wechat/callback/passive-reply.ts';
import type { Behaviour } from '../../wechat/deliveries/behaviour.ts';
import type { Delivery, Event, Message, Unknown, Unreadable } from '../../wechat/deliveries/delivery.ts';

/** The server's interface to the interactions: write one. The back office's is `history.ts`. */
export type Recorder = ReturnType<typeof recorder>;

/** The receipt of a delivery and its decision. */
export type DeliveryRecord = {
  /** Repetitions of a delivery have the same. */
  readonly sortKey: string;
  /** When it reached us, in milliseconds. */
  readonly receivedAt: number;
  readonly kind: string;
  readonly reply: Reply | null;
  /** The origin of the reply, and the duration of the decision. */
  readonly answered_by?: string;
  readonly decided_in_ms?: number;
  /**
   * The reply is still being made, or, without `answered_by`, could not be decided. It will be an interaction of its own.
   */
  readonly pending?: true;
};

/** An answer that was not ready when its delivery was recorded. */
export type LateReply = {
  readonly openid: string;
  /** The sort key of the delivery it answers. */
  readonly answers: string;
  readonly sentAt: number;
  readonly reply: Reply;
  readonly answered_by?: string;
};

/** The recorded reply: this attempt's, or the first attempt's if this is a repetition. */
export type RecordResult = {
  readonly reply: Reply | null;
  readonly receivedAt: number;
  readonly isRepeated: boolean;
  /** Its reply could not be decided when it was recorded. */
  readonly isUndecided?: true;
};

/** The most bytes stored of an unreadable delivery. WeChat's are far shorter. */
const MOST_RAW_BYTES = 8 * 1024;

/** WeChat hangs up after 5 s; the write may take this much of it. */
const WRITE_TIME_MS = 3_500;

/** The attributes read of a delivery that is recorded already, besides its reply. */
const RECORDED = record({ received: text }, { pending: oneOf(true), answered_by: text });

/**
 * One function per behaviour of a follower, each one conditional write (and a consistent read if the delivery is
 * there already).
 * @throws what DynamoDB throws when the write failed to the end of its time: then nothing is kept
 */
export function recorder(db: DynamoDBDocumentClient, name: string, placement: Placement) {
  const table = { db, name, placement };
  const event = (event: Event, taken: DeliveryRecord) => keep(table, event, taken);
  return {
    message: ({ id, ...message }: Message, taken: DeliveryRecord) => keep(table, message, taken, { msg_id: id }),
    ...{ subscription: event, scan: event, location: event, menuAction: event, jobResult: event, notice: event },
    unknown: ({ fields, ...delivery }: Unknown, taken: DeliveryRecord) => keep(table, delivery, taken, { fields }),
    unreadable: (delivery: Unreadable, taken: DeliveryRecord) => keepUnreadable(table, delivery, taken),
    lateReply: (late: LateReply, part: number | 'waiting' = 0) => keepLate(table, late, part),
    decidedLater: (late: LateReply) => decidedLater(table, late),
    laterReply: (openid: string, answers: string) => laterReply(table, openid, answers),
  } satisfies Record<Behaviour, unknown> & Record<string, unknown>;
}

type RecordTable = Table & { readonly placement: Placement };

/** Up to 8 KB of it. Without an openid they are spread over partitions: strangers may make many. */
function keepUnreadable(table: RecordTable, { raw, ...delivery }: Unreadable, taken: DeliveryRecord) {
  const from = delivery.from === NOBODY ? ofNobody(table.placement, identityIn(taken.sortKey)) : delivery.from;
  return keep(table, { to: '', ...delivery, from }, taken, { raw: beginningOf(raw), bytes: Buffer.byteLength(raw) });
}

/**
 * Records a part of a slow reply, or the waiting text, that the follower got. False if it is there already:
 * several attempts of WeChat's may be given one answer.
 */
function keepLate(table: RecordTable, late: LateReply, part: number | 'waiting'): Promise<boolean> {
  return putAlone(table, sentAfter(table, late, part === 'waiting' ? part : part === 0 ? 'answer' : `answer-${part}`));
}

/** Keeps the reply that a repetition decided for a delivery recorded undecided; gives the one that was kept first. */
async function decidedLater(table: RecordTable, late: LateReply): Promise<Reply> {
  if (await putAlone(table, sentAfter(table, late, 'reply'))) return late.reply;
  return (await laterReply(table, late.openid, late.answers)) ?? late.reply;
}

/** The reply that a repetition decided for a delivery recorded undecided, if one has. */
async function laterReply(table: RecordTable, openid: string, answers: string): Promise<Reply | undefined> {
  const key = { openid, created: followingKey(answers, 'reply') };
  const item = await withTimeLimit(WRITE_TIME_MS, (signal) => read(table, key, signal));
  return replyIn({ ...Object(item?.details), type: item?.kind }) ?? undefined;
}

/** An interaction whose key follows from that of the delivery it answers: it can be kept once. */
function sentAfter({ placement }: RecordTable, late: LateReply, suffix: Suffix): Interaction {
  const { openid, answers, sentAt, reply, ...by } = late;
  const { type, ...details } = reply;
  const created = followingKey(answers, suffix);
  const place = { openid, created, ...placed(placement, sentAt, identityIn(created)) };
  return { ...place, direction: 'out', kind: type, details, ...by };
}

async function keep(
  table: RecordTable,
  delivery: Envelope,
  taken: DeliveryRecord,
  more: object = {},
): Promise<RecordResult> {
  const { sortKey: created, receivedAt, ...decided } = taken;
  const details = { ...more, ...factsOf(delivery) };
  const place = { openid: delivery.from, created, ...placed(table.placement, receivedAt, identityIn(created)) };
  return withTimeLimit(WRITE_TIME_MS, async (signal) => {
    const isNew = await putNew(table, { ...place, direction: 'in', details, ...decided }, signal);
    if (!isNew) return first(table, delivery.from, taken, signal);
    return { reply: taken.reply, receivedAt, isRepeated: false, ...undecided(taken) };
  });
}

function putAlone(table: RecordTable, interaction: Interaction): Promise<boolean> {
  return withTimeLimit(WRITE_TIME_MS, (signal) => putNew(table, interaction, signal));
}

const putNew = (table: RecordTable, Item: Interaction, signal: AbortSignal): Promise<boolean> =>
  put(table, { Item, ConditionExpression: 'attribute_not_exists(openid)' }, signal);

/** The record of the first attempt, whose reply every retry must get. */
async function first(
  table: RecordTable,
  openid: string,
  taken: DeliveryRecord,
  signal: AbortSignal,
): Promise<RecordResult> {
  const item = await read(table, { openid, created: taken.sortKey }, signal);
  const recorded = RECORDED(item);
  if (recorded === undefined) {
    return { reply: taken.reply, receivedAt: taken.receivedAt, isRepeated: true, ...undecided(taken) };
  }
  const reply = replyIn(item?.reply);
  if (reply === undefined && item?.reply !== undefined) log.warn('a reply of another version cannot be given');
  return { reply: reply ?? null, receivedAt: receivedAtOf(recorded), isRepeated: true, ...undecided(recorded) };
}

const read = (table: RecordTable, Key: Pick<Interaction, 'openid' | 'created'>, signal: AbortSignal) =>
  get(table, Key, { signal });

/** True if a raw delivery does not fit into its item. */
export const isTooLong = (raw: string): boolean => Buffer.byteLength(raw) > MOST_RAW_BYTES;

function beginningOf(raw: string): string {
  const bytes = Buffer.from(raw);
  let end = Math.min(bytes.length, MOST_RAW_BYTES);
  while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

const undecided = ({ pending, answered_by }: Pick<Interaction, 'pending' | 'answered_by'>): { isUndecided?: true } =>
  pending && answered_by === undefined ? { isUndecided: true } : {};

type Envelope = Omit<Delivery | (Unreadable & { readonly to: string }), 'fields' | 'id' | 'raw'> & {
  readonly event?: string;
};

/** The details of a delivery: its fields without sender and kind; of an unknown one, all. */
function factsOf({ to: _to, from: _from, createTime: _createTime, type, event, ...facts }: Envelope): object {
  return type === 'unknown' && event !== undefined ? { event, ...facts } : facts;
}
