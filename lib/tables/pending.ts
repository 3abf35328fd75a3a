import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { conditionMet } from '../aws/dynamodb.ts';

/** One operator's wish to send something once. `digest` tells what: under the same key nothing else may be sent. */
export type Send = {
  readonly operator: string;
  readonly key: string;
  readonly digest: string;
  /** To whom: so that it is found when the follower is erased. */
  readonly openid: string;
};

/** What was answered to the first request, to be answered again. */
export type SendResult = Readonly<Record<string, unknown>>;

/** The right to send, which one request in 24 hours gets. */
export type Claim = {
  readonly pk: string;
  readonly digest: string;
  readonly openid: string;
  readonly claim: string;
  /** Seconds since 1970. */
  readonly expires_at: number;
};

/**
 * `claimed`: send it. `answered`: it was sent, and this was the answer. `unanswered`: another request claimed it and left
 * no result: it is under way, or died; whether it was sent is unknown. `different`: the key stands for something else.
 */
export type Claimed =
  | { readonly state: 'claimed'; readonly claim: Claim }
  | { readonly state: 'answered'; readonly result: SendResult }
  | { readonly state: 'unanswered' }
  | { readonly state: 'different' };

export type PendingTable = ReturnType<typeof pendingTable>;

type Item = Claim & { readonly result?: SendResult };

const CLAIM_SECONDS = 86_400;
const RELEASED = 0;

/** A claim may expire, or be given back, just while it is being read. */
const ATTEMPTS = 3;

const isFree = 'attribute_not_exists(pk) OR expires_at <= :now';
const isMine = 'claim = :mine';

/** What is under way, for a while: an expired item counts as absent. The clock is in milliseconds. */
export function pendingTable(db: DynamoDBDocumentClient, table: string, now: () => number = Date.now) {
  return {
    /** Of any number of requests with one operator and key, one is told `claimed`. */
    async claimSend({ operator, key, digest, openid }: Send): Promise<Claimed> {
      const claim: Claim = {
        pk: `send#${operator}#${key}`,
        digest,
        openid,
        claim: randomUUID(),
        expires_at: seconds() + CLAIM_SECONDS,
      };
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        if (await put(claim, isFree, { ':now': seconds() })) return { state: 'claimed', claim };
        const earlier = await alive(claim.pk);
        if (earlier !== undefined) return compared(claim, earlier);
      }
      return { state: 'unanswered' };
    },

    /** False when the claim has passed to another, after 24 hours: then nothing is stored. */
    storeSendResult: (claim: Claim, result: SendResult): Promise<boolean> =>
      put({ ...claim, result }, isMine, { ':mine': claim.claim }),

    /** Gives the claim back: certainly nothing was sent, so the key may be used again. */
    releaseSend: (claim: Claim): Promise<boolean> =>
      put({ ...claim, expires_at: RELEASED }, isMine, { ':mine': claim.claim }),
  };

  function seconds(): number {
    return Math.floor(now() / 1000);
  }

  function put(Item: Item, ConditionExpression: string, values: Record<string, unknown>): Promise<boolean> {
    const conditional = { ConditionExpression, ExpressionAttributeValues: values };
    return conditionMet(db.send(new PutCommand({ TableName: table, Item, ...conditional })));
  }

  async function alive(pk: string): Promise<Item | undefined> {
    const { Item } = await db.send(new GetCommand({ TableName: table, Key: { pk }, ConsistentRead: true }));
    const item = Item as Item | undefined;
    return item !== undefined && item.expires_at > seconds() ? item : undefined;
  }
}

/** A write that is sent again because its answer was lost finds its own claim. */
function compared(claim: Claim, earlier: Item): Claimed {
  if (earlier.claim === claim.claim) return { state: 'claimed', claim };
  if (earlier.digest !== claim.digest) return { state: 'different' };
  return earlier.result === undefined ? { state: 'unanswered' } : { state: 'answered', result: earlier.result };
}
