import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { conditionMet } from '../aws/dynamodb.ts';
import { KILLED_AFTER_MS, MOST_RUNS, type PendingReply } from '../slow-replies/protocol.ts';
import type { WaitingList } from '../slow-replies/waiting-list.ts';
import type { Reply } from '../wechat/callback/passive-reply.ts';

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
  table: string,
  { account, now = Date.now }: { account: string; now?: () => number },
) {
  return {
    /** True for one of any number of attempts: that one has the reply made. */
    claim: (place: Place, claimed: Claimed): Promise<boolean> => putNew(place, claimed),

    /** Keeps a reply that is only long; of any number of attempts the first, which all are told. */
    async keepLong(place: Place, claimed: Claimed, parts: readonly Reply[]): Promise<PendingReply> {
      const long = { ...claimed, parts, taken_by: 'reply' } as const;
      if (await putNew(place, long)) return { reference: place.reference, claimed_at: now(), ...long };
      return (await read(place)) ?? { reference: place.reference, claimed_at: now(), ...long };
    },

    /** Gives the claim back when nobody could be asked to make the reply. */
    release: (place: Place): Promise<boolean> =>
      update(place, 'SET expires_at = :none', 'attribute_not_exists(started_at)', { ':none': 0 }),

    /** True for one run alone, however often that one asks, and for one more if that was killed. */
    start: (place: Place, { run, runs, maySend }: Start): Promise<boolean> =>
      update(
        place,
        `SET started_at = :at, started_by = :run, runs = :runs${maySend === undefined ? '' : ', may_send = :may'}`,
        `${isClaimed} AND ${isRunnable}`,
        {
          ...{ ':at': now(), ':now': seconds(), ':run': run, ':runs': runs },
          ...{ ':killed': now() - KILLED_AFTER_MS, ':most': MOST_RUNS },
          ...(maySend !== undefined && { ':may': maySend }),
        },
      ),

    /** False when another run has taken over. */
    store: (place: Place, run: string, parts: readonly Reply[]): Promise<boolean> =>
      update(place, 'SET parts = :parts', 'started_by = :run', { ':parts': parts, ':run': run }),

    /** False when the reply is there, or has been taken: then that is what the follower is told. */
    link: (place: Place): Promise<boolean> =>
      update(
        place,
        'SET linked_at = :at',
        'attribute_exists(pk) AND attribute_not_exists(parts) AND attribute_not_exists(taken_by)',
        { ':at': now() },
      ),

    /** True for WeChat's attempts, which share their way, unless it goes out as a message. */
    takeByReply: (place: Place): Promise<boolean> =>
      update(
        place,
        'SET taken_by = :reply',
        'attribute_exists(parts) AND (attribute_not_exists(taken_by) OR taken_by = :reply)',
        { ':reply': 'reply' },
      ),

    /** True for one run alone, unless an attempt has taken it. */
    takeByMessage: (place: Place, run: string): Promise<boolean> =>
      update(
        place,
        'SET taken_by = :message, taken_run = :run',
        'attribute_exists(parts) AND (attribute_not_exists(taken_by) OR taken_run = :run)',
        { ':message': 'message', ':run': run },
      ),

    /** True for one run alone: it sees to the parts after the first, which an attempt has taken. */
    takeRest: (place: Place, run: string): Promise<boolean> =>
      update(
        place,
        'SET rest_run = :run',
        'taken_by = :reply AND (attribute_not_exists(rest_run) OR rest_run = :run)',
        { ':reply': 'reply', ':run': run },
      ),

    markSent: (place: Place): Promise<boolean> =>
      update(place, 'SET sent_at = :at', 'attribute_exists(pk)', { ':at': now() }),

    read,

    async readWaiting(openid: string, signal?: AbortSignal): Promise<WaitingList> {
      return (await list(openid, signal)).waiting;
    },

    /** Changes what waits for a follower, whatever else changes it meanwhile. */
    async changeWaiting(
      openid: string,
      change: (list: WaitingList) => WaitingList,
      signal?: AbortSignal,
    ): Promise<void> {
      for (let round = 1; round <= ROUNDS; round++) {
        const { waiting, revision } = await list(openid, signal);
        const changed = change(waiting);
        if (JSON.stringify(changed) === JSON.stringify(waiting)) return;
        if (await putList(openid, changed, revision, signal)) return;
      }
      throw new Error('what waits for a follower changes all the time');
    },

    /** Whether the account may send messages, as remembered for a day; undefined when it is not known. */
    async maySend(): Promise<boolean | undefined> {
      return (await alive<{ may_send: boolean }>(sendingKey(account)))?.may_send;
    },

    rememberMaySend: (may_send: boolean): Promise<unknown> =>
      db.send(
        new PutCommand({
          TableName: table,
          Item: { pk: sendingKey(account), may_send, expires_at: seconds() + SENDING_SECONDS },
        }),
      ),
  };

  function seconds(): number {
    return Math.floor(now() / 1000);
  }

  function putNew(place: Place, claimed: object): Promise<boolean> {
    const Item = {
      ...{ pk: PENDING_KEYS.reply(place), reference: place.reference, claimed_at: now() },
      ...{ ...claimed, expires_at: seconds() + REPLY_SECONDS },
    };
    return conditionMet(
      db.send(
        new PutCommand({
          TableName: table,
          Item,
          ConditionExpression: isFree,
          ExpressionAttributeValues: { ':now': seconds() },
        }),
      ),
    );
  }

  function update(place: Place, change: string, condition: string, values: Record<string, unknown>): Promise<boolean> {
    return conditionMet(
      db.send(
        new UpdateCommand({
          TableName: table,
          Key: { pk: PENDING_KEYS.reply(place) },
          UpdateExpression: change,
          ConditionExpression: condition,
          ExpressionAttributeValues: values,
        }),
      ),
    );
  }

  function read(place: Place, signal?: AbortSignal): Promise<PendingReply | undefined> {
    return alive(PENDING_KEYS.reply(place), signal);
  }

  async function list(openid: string, signal?: AbortSignal): Promise<{ waiting: WaitingList; revision: number }> {
    const item = await alive<{ waiting?: WaitingList; revision?: number }>(PENDING_KEYS.waiting(openid), signal);
    return { waiting: item?.waiting ?? [], revision: item?.revision ?? 0 };
  }

  /** An item past its expiry counts as absent, and begins anew. */
  function putList(openid: string, waiting: WaitingList, revision: number, signal?: AbortSignal): Promise<boolean> {
    const command = new PutCommand({
      TableName: table,
      Item: {
        ...{ pk: PENDING_KEYS.waiting(openid), waiting, revision: revision + 1 },
        expires_at: seconds() + WAITING_SECONDS,
      },
      ConditionExpression: `${isFree} OR revision = :revision${revision === 0 ? ' OR attribute_not_exists(revision)' : ''}`,
      ExpressionAttributeValues: { ':now': seconds(), ':revision': revision },
    });
    return conditionMet(db.send(command, signal ? { abortSignal: signal } : {}));
  }

  async function alive<T>(pk: string, signal?: AbortSignal): Promise<T | undefined> {
    const command = new GetCommand({ TableName: table, Key: { pk }, ConsistentRead: true });
    const { Item } = await db.send(command, signal ? { abortSignal: signal } : {});
    return Item !== undefined && Item.expires_at > seconds() ? (Item as T) : undefined;
  }
}
