import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { get, put, type Table } from '../aws/dynamodb.ts';

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

const Stored = v.object({
  digest: v.string(),
  claim: v.string(),
  expires_at: v.number(),
  result: v.exactOptional(v.record(v.string(), v.unknown())),
});
type Stored = v.InferOutput<typeof Stored>;

const CLAIM_SECONDS = 86_400;
const RELEASED = 0;

/** A claim may expire, or be given back, just while it is being read. */
const ATTEMPTS = 3;

const IS_FREE = 'attribute_not_exists(pk) OR expires_at <= :now';
const IS_MINE = 'claim = :mine';

type Pending = Table & { readonly now: () => number };

/** What is under way, for a while: an expired item counts as absent. The clock is in milliseconds. */
export function pendingTable(db: DynamoDBDocumentClient, name: string, now: () => number = Date.now) {
  const table: Pending = { db, name, now };
  return {
    claimSend: (send: Send) => claimSend(table, send),
    storeSendResult: (claim: Claim, result: SendResult) => putMine(table, claim, { ...claim, result }),
    releaseSend: (claim: Claim) => putMine(table, claim, { ...claim, expires_at: RELEASED }),
  };
}

const seconds = ({ now }: Pending): number => Math.floor(now() / 1000);

/** Of any number of requests with one operator and key, one is told `claimed`. */
async function claimSend(table: Pending, { operator, key, digest, openid }: Send): Promise<Claimed> {
  const claim: Claim = {
    pk: `send#${operator}#${key}`,
    digest,
    openid,
    claim: randomUUID(),
    expires_at: seconds(table) + CLAIM_SECONDS,
  };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (await putIfFree(table, claim)) return { state: 'claimed', claim };
    const earlier = await alive(table, claim.pk);
    if (earlier !== undefined) return compared(claim, earlier);
  }
  return { state: 'unanswered' };
}

const putIfFree = (table: Pending, Item: Claim): Promise<boolean> =>
  put(table, { Item, ConditionExpression: IS_FREE, ExpressionAttributeValues: { ':now': seconds(table) } });

/** False, and nothing is written, when the claim has passed to another, after 24 hours. */
const putMine = (table: Pending, { claim }: Claim, Item: Claim & { readonly result?: SendResult }): Promise<boolean> =>
  put(table, { Item, ConditionExpression: IS_MINE, ExpressionAttributeValues: { ':mine': claim } });

/** @throws ValiError for a claim that cannot be read: whether its message was sent is not known */
async function alive(table: Pending, pk: string): Promise<Stored | undefined> {
  const item = await get(table, { pk });
  const stored = item && v.parse(Stored, item);
  return stored && stored.expires_at > seconds(table) ? stored : undefined;
}

/** A write that is sent again because its answer was lost finds its own claim. */
function compared(claim: Claim, earlier: Stored): Claimed {
  if (earlier.claim === claim.claim) return { state: 'claimed', claim };
  if (earlier.digest !== claim.digest) return { state: 'different' };
  return earlier.result === undefined ? { state: 'unanswered' } : { state: 'answered', result: earlier.result };
}
