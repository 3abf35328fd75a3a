import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { get, put, type Table, update } from '../aws/dynamodb.ts';
import { log } from '../platform/log.ts';
import { boolean, listOf, number, oneOf, record, text } from '../platform/read.ts';
import { KILLED_AFTER_MS, MOST_RUNS, type PendingReply, type SlowReplyRequest } from '../slow-replies/protocol.ts';
import type { WaitingList } from '../slow-replies/waiting-list.ts';
import { type Reply, replyIn } from '../wechat/callback/passive-reply.ts';

/** Slow and long replies on their way, in the table `pending`: `lib/slow-replies/protocol.ts` says how. */
export type SlowRepliesTable = ReturnType<typeof slowRepliesTable>;

/** Where a reply lies: the follower, and `referenceOf` the delivery's sort key. */
export type Place = { readonly openid: string; readonly reference: string };

type Claimed = Pick<PendingReply, 'tap' | 'answered_by' | 'waiting_text' | 'request'>;

/**
 * The keys under which something of a follower's lies in the table `pending`, beside those of the back office. A reply's
 * reference follows from its delivery's sort key; both expire, the reply after a day, the list after seven.
 */
export const PENDING_KEYS = {
  reply: ({ openid, reference }: Place): string => `reply#${openid}#${reference}`,
  waiting: (openid: string): string => `waiting#${openid}`,
} as const;

/** A run, the how manyth it is, and whether the account may send messages, if that is known. */
type Start = { readonly run: string; readonly runs: number; readonly maySend: boolean | undefined };

const sendingKey = (account: string): string => `sending#${account}`;

const REPLY_SECONDS = 86_400;
const WAITING_SECONDS = 7 * 86_400;
const SENDING_SECONDS = 86_400;
const ROUNDS = 5;

const isFree = 'attribute_not_exists(pk) OR expires_at <= :now';
const isClaimed = 'attribute_exists(pk) AND expires_at > :now';
const isRunnable =
  'attribute_not_exists(parts) AND (attribute_not_exists(started_at) OR started_by = :run OR (started_at < :killed AND (attribute_not_exists(runs) OR runs < :most)))';

/** The account is named by its AppID; the clock is in milliseconds. */
export function slowRepliesTable(
  db: DynamoDBDocumentClient,
  name: string,
  { account, now = Date.now }: { account: string; now?: () => number },
) {
  const table: SlowReplies = { db, name, now };
  return {
    claim: (place: Place, claimed: Claimed) => putNew(table, place, claimed),
    keepLong: (place: Place, claimed: Claimed, parts: readonly Reply[]) => keepLong(table, place, claimed, parts),
    release: (place: Place) => release(table, place),
    start: (place: Place, start: Start) => startRun(table, place, start),
    store: (place: Place, run: string, parts: readonly Reply[]) => store(table, place, run, parts),
    link: (place: Place) => link(table, place),
    takeByReply: (place: Place) => takeByReply(table, place),
    takeByMessage: (place: Place, run: string) => takeByMessage(table, place, run),
    takeRest: (place: Place, run: string) => takeRest(table, place, run),
    markSent: (place: Place) => markSent(table, place),
    read: (place: Place, signal?: AbortSignal) => read(table, place, signal),
    readWaiting: async (openid: string, signal?: AbortSignal) => (await list(table, openid, signal)).waiting,
    changeWaiting: (openid: string, change: Change, signal?: AbortSignal) =>
      changeWaiting(table, openid, change, signal),
    maySend: () => maySend(table, account),
    rememberMaySend: (may_send: boolean) => rememberMaySend(table, account, may_send),
  };
}

type SlowReplies = Table & { readonly now: () => number };
type Item = Readonly<Record<string, unknown>>;

const seconds = ({ now }: SlowReplies): number => Math.floor(now() / 1000);

/** True for one of any number of attempts: that one has the reply made. */
function putNew(table: SlowReplies, place: Place, claimed: object): Promise<boolean> {
  const Item = {
    ...{ pk: PENDING_KEYS.reply(place), reference: place.reference, claimed_at: table.now() },
    ...{ ...claimed, expires_at: seconds(table) + REPLY_SECONDS },
  };
  return put(table, {
    Item,
    ConditionExpression: isFree,
    ExpressionAttributeValues: { ':now': seconds(table) },
  });
}

/** Keeps a reply that is only long; of any number of attempts the first, which all are told. */
async function keepLong(table: SlowReplies, place: Place, claimed: Claimed, parts: readonly Reply[]) {
  const long = { ...claimed, parts, taken_by: 'reply' } as const;
  const kept = { reference: place.reference, claimed_at: table.now(), ...long };
  if (await putNew(table, place, long)) return kept;
  return (await read(table, place)) ?? kept;
}

/** Gives the claim back when nobody could be asked to make the reply. */
const release = (table: SlowReplies, place: Place): Promise<boolean> =>
  change(table, place, 'SET expires_at = :none', 'attribute_not_exists(started_at)', { ':none': 0 });

/** True for one run alone, however often that one asks, and for one more if that was killed. */
const startRun = (table: SlowReplies, place: Place, { run, runs, maySend }: Start): Promise<boolean> =>
  change(
    table,
    place,
    `SET started_at = :at, started_by = :run, runs = :runs${maySend === undefined ? '' : ', may_send = :may'}`,
    `${isClaimed} AND ${isRunnable}`,
    {
      ...{ ':at': table.now(), ':now': seconds(table), ':run': run, ':runs': runs },
      ...{ ':killed': table.now() - KILLED_AFTER_MS, ':most': MOST_RUNS },
      ...(maySend !== undefined && { ':may': maySend }),
    },
  );

/** False when another run has taken over. */
const store = (table: SlowReplies, place: Place, run: string, parts: readonly Reply[]): Promise<boolean> =>
  change(table, place, 'SET parts = :parts', 'started_by = :run', { ':parts': parts, ':run': run });

/** False when the reply is there, or has been taken: then that is what the follower is told. */
const link = (table: SlowReplies, place: Place): Promise<boolean> =>
  change(
    table,
    place,
    'SET linked_at = :at',
    'attribute_exists(pk) AND attribute_not_exists(parts) AND attribute_not_exists(taken_by)',
    { ':at': table.now() },
  );

/** True for WeChat's attempts, which share their way, unless it goes out as a message. */
const takeByReply = (table: SlowReplies, place: Place): Promise<boolean> =>
  change(
    table,
    place,
    'SET taken_by = :reply',
    'attribute_exists(parts) AND (attribute_not_exists(taken_by) OR taken_by = :reply)',
    { ':reply': 'reply' },
  );

/** True for one run alone, unless an attempt has taken it. */
const takeByMessage = (table: SlowReplies, place: Place, run: string): Promise<boolean> =>
  change(
    table,
    place,
    'SET taken_by = :message, taken_run = :run',
    'attribute_exists(parts) AND (attribute_not_exists(taken_by) OR taken_run = :run)',
    { ':message': 'message', ':run': run },
  );

/** True for one run alone: it sees to the parts after the first, which an attempt has taken. */
const takeRest = (table: SlowReplies, place: Place, run: string): Promise<boolean> =>
  change(
    table,
    place,
    'SET rest_run = :run',
    'taken_by = :reply AND (attribute_not_exists(rest_run) OR rest_run = :run)',
    { ':reply': 'reply', ':run': run },
  );

const markSent = (table: SlowReplies, place: Place): Promise<boolean> =>
  change(table, place, 'SET sent_at = :at', 'attribute_exists(pk)', { ':at': table.now() });

function change(
  table: SlowReplies,
  place: Place,
  UpdateExpression: string,
  ConditionExpression: string,
  ExpressionAttributeValues: Record<string, unknown>,
): Promise<boolean> {
  const Key = { pk: PENDING_KEYS.reply(place) };
  return update(table, { Key, UpdateExpression, ConditionExpression, ExpressionAttributeValues });
}

/** A reply of another version that cannot be read counts as expired: the log says so. */
async function read(table: SlowReplies, place: Place, signal?: AbortSignal): Promise<PendingReply | undefined> {
  const item = await alive(table, PENDING_KEYS.reply(place), signal);
  if (item === undefined) return undefined;
  const pending = PENDING(item);
  if (pending === undefined) log.error('a slow reply could not be read', { reference: place.reference });
  return pending && { ...pending, ...(isRequest(item.request) && { request: item.request }) };
}

const PENDING = record(
  { reference: text, claimed_at: number, tap: text, answered_by: text },
  {
    ...{ waiting_text: text, started_at: number, runs: number, may_send: boolean },
    parts: listOf((part) => replyIn(part) ?? undefined),
    ...{ taken_by: oneOf('reply', 'message'), linked_at: number, sent_at: number },
  },
);

/** As the webhook wrote it. Without it a run that was killed is not taken over. */
const isRequest = (value: unknown): value is SlowReplyRequest => REQUEST(value) !== undefined;

const REQUEST = record({
  delivery: record({ type: text, from: text, to: text, createTime: number }),
  ...{ sortKey: text, kind: text },
});

type Change = (list: WaitingList) => WaitingList;

/** Changes what waits for a follower, whatever else changes it meanwhile. */
async function changeWaiting(table: SlowReplies, openid: string, change: Change, signal?: AbortSignal): Promise<void> {
  for (let round = 1; round <= ROUNDS; round++) {
    const { waiting, revision } = await list(table, openid, signal);
    const changed = change(waiting);
    if (JSON.stringify(changed) === JSON.stringify(waiting)) return;
    if (await putList(table, openid, changed, revision, signal)) return;
  }
  throw new Error('what waits for a follower changes all the time');
}

/** @throws Error for a list that cannot be read: it stays as it is, for the version that can */
async function list(table: SlowReplies, openid: string, signal?: AbortSignal) {
  const item = await alive(table, PENDING_KEYS.waiting(openid), signal);
  if (item === undefined) return { waiting: [], revision: 0 };
  const read = WAITING(item);
  if (read === undefined) throw new Error('what waits for a follower could not be read');
  return { waiting: read.waiting ?? [], revision: read.revision ?? 0 };
}

const WAITING = record(
  {},
  {
    waiting: listOf(
      record({ reference: text, part: number }, { is_linked: oneOf(true), given_to: text, given_at: number }),
    ),
    revision: number,
  },
);

/** An item past its expiry counts as absent, and begins anew. */
function putList(
  table: SlowReplies,
  openid: string,
  waiting: WaitingList,
  revision: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const write = {
    Item: {
      ...{ pk: PENDING_KEYS.waiting(openid), waiting, revision: revision + 1 },
      expires_at: seconds(table) + WAITING_SECONDS,
    },
    ConditionExpression: `${isFree} OR revision = :revision${revision === 0 ? ' OR attribute_not_exists(revision)' : ''}`,
    ExpressionAttributeValues: { ':now': seconds(table), ':revision': revision },
  };
  return put(table, write, signal);
}

/** Whether the account may send messages, as remembered for a day; undefined when it is not known. */
async function maySend(table: SlowReplies, account: string): Promise<boolean | undefined> {
  return boolean((await alive(table, sendingKey(account)))?.may_send);
}

const rememberMaySend = (table: SlowReplies, account: string, may_send: boolean): Promise<unknown> =>
  put(table, { Item: { pk: sendingKey(account), may_send, expires_at: seconds(table) + SENDING_SECONDS } });

async function alive(table: SlowReplies, pk: string, signal?: AbortSignal): Promise<Item | undefined> {
  const item = await get(table, { pk }, { signal });
  return Number(item?.expires_at) > seconds(table) ? item : undefined;
}
