import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Reply } from '../wechat/reply.ts';
import { isDone } from './client.ts';

/** Slow replies on their way, in the table `pending`. Times are in milliseconds unless they say otherwise. */
export type SlowRepliesTable = ReturnType<typeof slowRepliesTable>;

/** How the follower got it: in the HTTP response to WeChat, as a message of its own, or with their next message. */
export type Way = 'reply' | 'message';

export type PendingReply = {
  readonly claimed_at: number;
  readonly started_at?: number;
  /** What the handler said; null for nothing. Absent while it runs. */
  readonly answer?: Reply | null;
  readonly taken_by?: Way;
};

/** An answer that could not be sent and waits for the follower's next message; `id` tells it from the others. */
export type WaitingReply = { readonly id: string; readonly answer: Reply };

const ANSWER_SECONDS = 3_600;
const WAITING_SECONDS = 7 * 86_400;
const ROUNDS = 3;
/** WeChat waits while it is given: with the rules, a fast handler and the record it has to fit into 7 s. */
const GIVING_MS = 1_000;

const isFree = 'attribute_not_exists(pk) OR expires_at <= :now';
const isClaimed = 'attribute_exists(pk) AND expires_at > :now';
const isNotStartedByAnother = '(attribute_not_exists(started_at) OR started_by = :run)';

export function slowRepliesTable(db: DynamoDBDocumentClient, table: string, now: () => number = Date.now) {
  return {
    /** True for one of any number of attempts: that one has the answer made. */
    claim: (delivery: string): Promise<boolean> =>
      put({ pk: answer(delivery), claimed_at: now(), expires_at: seconds() + ANSWER_SECONDS }, isFree),

    /** Gives the claim back when nobody could be asked to make the answer. */
    release: (delivery: string): Promise<boolean> =>
      update(delivery, 'SET expires_at = :none', 'attribute_not_exists(started_at)', { ':none': 0 }),

    /** True for one run alone, however often that one asks: it is told to run the handler. */
    start: (delivery: string, run: string): Promise<boolean> =>
      update(delivery, 'SET started_at = :at, started_by = :run', `${isClaimed} AND ${isNotStartedByAnother}`, {
        ':at': now(),
        ':now': seconds(),
        ':run': run,
      }),

    store: (delivery: string, said: Reply | null): Promise<boolean> =>
      update(delivery, 'SET answer = :answer', 'attribute_exists(started_at)', { ':answer': said }),

    /** True for one way alone, so that the follower gets the answer once; attempts of WeChat's share theirs. */
    take: (delivery: string, by: Way): Promise<boolean> =>
      update(delivery, 'SET taken_by = :by', 'attribute_not_exists(taken_by) OR taken_by = :by', { ':by': by }),

    read: async (delivery: string): Promise<PendingReply | undefined> => alive(answer(delivery)),

    /** Keeps answers for the follower's next message. What already waits stays before them. */
    async keepWaiting(openid: string, more: readonly WaitingReply[]): Promise<void> {
      const add = 'SET answers = list_append(if_not_exists(answers, :none), :more), expires_at = :until';
      const until = seconds() + WAITING_SECONDS;
      for (let round = 1; round <= ROUNDS; round++) {
        const values = { ':none': [], ':more': more, ':until': until };
        if (await send(waiting(openid), add, 'attribute_not_exists(given_to)', values)) return;
        if (await startAnew({ pk: waiting(openid), answers: more, expires_at: until })) return;
      }
      throw new Error('what waits for a follower changes all the time');
    },

    /** What waits for the follower. It is given to one delivery; a repetition of that delivery is given it again. */
    async giveWaiting(openid: string, delivery: string): Promise<readonly WaitingReply[]> {
      const abortSignal = AbortSignal.timeout(GIVING_MS);
      const item = await alive<{ given_to?: string }>(waiting(openid), abortSignal);
      if (item === undefined || (item.given_to ?? delivery) !== delivery) return [];
      return given(waiting(openid), delivery, abortSignal);
    },
  };

  function seconds(): number {
    return Math.floor(now() / 1000);
  }

  /** In place of what has been given; false when another has done so. */
  function startAnew(Item: Record<string, unknown>): Promise<boolean> {
    const isGiven = 'attribute_exists(given_to)';
    return isDone(db.send(new PutCommand({ TableName: table, Item, ConditionExpression: isGiven })));
  }

  async function put(Item: Record<string, unknown>, condition: string): Promise<boolean> {
    const values = { ':now': seconds() };
    return isDone(
      db.send(
        new PutCommand({
          TableName: table,
          Item,
          ConditionExpression: condition,
          ExpressionAttributeValues: values,
        }),
      ),
    );
  }

  function update(delivery: string, change: string, condition: string, values: Record<string, unknown>) {
    return send(answer(delivery), change, condition, values);
  }

  async function send(pk: string, change: string, condition: string, values: Record<string, unknown>) {
    return isDone(
      db.send(
        new UpdateCommand({
          TableName: table,
          Key: { pk },
          UpdateExpression: change,
          ConditionExpression: condition,
          ExpressionAttributeValues: values,
        }),
      ),
    );
  }

  /** What the item holds at the moment it is given, since an answer may come to it until then. */
  async function given(pk: string, delivery: string, abortSignal: AbortSignal): Promise<readonly WaitingReply[]> {
    const command = new UpdateCommand({
      TableName: table,
      Key: { pk },
      UpdateExpression: 'SET given_to = :to',
      ConditionExpression: 'attribute_exists(answers) AND (attribute_not_exists(given_to) OR given_to = :to)',
      ExpressionAttributeValues: { ':to': delivery },
      ReturnValues: 'ALL_NEW',
    });
    let answers: readonly WaitingReply[] = [];
    const giving = db.send(command, { abortSignal }).then(({ Attributes }) => {
      answers = Attributes?.answers ?? [];
    });
    return (await isDone(giving)) ? onceEach(answers) : [];
  }

  async function alive<T = PendingReply>(pk: string, abortSignal?: AbortSignal): Promise<T | undefined> {
    const read = new GetCommand({ TableName: table, Key: { pk }, ConsistentRead: true });
    const { Item } = await db.send(read, abortSignal ? { abortSignal } : {});
    return Item !== undefined && Item.expires_at > seconds() ? (Item as T) : undefined;
  }
}

const answer = (delivery: string): string => `answer#${delivery}`;
const waiting = (openid: string): string => `waiting#${openid}`;

/** An answer that was appended again, because the first time seemed to have failed, is one. */
const onceEach = (answers: readonly WaitingReply[]): readonly WaitingReply[] => [
  ...new Map(answers.map((each) => [each.id, each])).values(),
];
