import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { get, type Table, update } from '../aws/dynamodb.ts';
import type { WeChatError } from '../wechat/api/error.ts';

/** Why WeChat handed out no token. */
export type Failure = Pick<WeChatError, 'reason' | 'errcode' | 'errmsg'> & { readonly detail?: string | undefined };

const Failed = v.object({
  reason: v.picklist(['refused', 'unreachable', 'too_slow']),
  errcode: v.number(),
  errmsg: v.string(),
  detail: v.exactOptional(v.string()),
  until: v.number(),
});

const Stored = v.object({
  access_token: v.exactOptional(v.string()),
  expires_at: v.exactOptional(v.number()),
  /** WeChat returned this token again after it had refused it; until then it is not asked for another. */
  refused_until: v.exactOptional(v.number()),
  /** How often in a row it did. */
  refused_times: v.exactOptional(v.number()),
  /** The last call brought no token; `until` then no other call is made. One of a later version's counts as none. */
  failure: v.optional(v.fallback(v.optional(Failed), undefined)),
  /** Who called WeChat last, and until when that call may still bring a token. */
  lease: v.exactOptional(v.string()),
  lease_until: v.exactOptional(v.number()),
});

/** What is kept of an account's access_token. Times are in milliseconds since 1970; what lies behind us is over. */
export type Credential = Readonly<v.InferOutput<typeof Stored>>;

export type KeptToken = { readonly token: string; readonly expires_at: number } & Pick<
  Credential,
  'refused_until' | 'refused_times'
>;

export type CredentialsTable = ReturnType<typeof credentialsTable>;

/** Longer than the 4 s that a call to WeChat may take, with the writes before and after it. */
const LEASE_MS = 10_000;

const nobodyHasAsked = 'attribute_not_exists(lease)';
const nobodyHasAskedSince = 'lease = :seen';
const theLeaseIsMine = 'lease = :mine';

/** The questions asked of the credentials table: one account's access_token, and whose turn it is to renew it. */
export function credentialsTable(db: DynamoDBDocumentClient, name: string, appId: string) {
  const table: Credentials = { db, name, key: { pk: `access-token#${appId}` } };
  return {
    read: (how: { consistent?: boolean } = {}) => read(table, how),
    takeLease: (seen: Credential, now: number) => takeLease(table, seen, now),
    keep: (lease: string, kept: KeptToken) => keep(table, lease, kept),
    keepFailure: (lease: string, failure: Failure, until: number) => keepFailure(table, lease, { ...failure, until }),
  };
}

type Credentials = Table & { readonly key: { readonly pk: string } };

/** What is kept; nothing at first. */
const read = async (table: Credentials, { consistent = false }: { consistent?: boolean }): Promise<Credential> =>
  v.parse(Stored, (await get(table, table.key, { consistent })) ?? {});

/** The lease for a call to WeChat, unless somebody took it since `seen` was read. Leaves the token in place. */
async function takeLease(table: Credentials, seen: Credential, now: number): Promise<string | undefined> {
  const lease = randomUUID();
  const nobodyCameBetween = seen.lease === undefined ? nobodyHasAsked : nobodyHasAskedSince;
  const isTaken = await update(table, {
    Key: table.key,
    UpdateExpression: 'SET lease = :mine, lease_until = :until',
    // A write that is sent again because its answer was lost finds its own lease.
    ConditionExpression: `${nobodyCameBetween} OR ${theLeaseIsMine}`,
    ExpressionAttributeValues: { ':mine': lease, ':until': now + LEASE_MS, ':seen': seen.lease },
  });
  return isTaken ? lease : undefined;
}

/** Keeps a token and ends the lease; false, and nothing is kept, when the lease has passed to another. */
function keep(table: Credentials, lease: string, kept: KeptToken): Promise<boolean> {
  const { token, expires_at, refused_until = 0, refused_times = 0 } = kept;
  return updateWithLease(
    table,
    lease,
    'SET access_token = :token, expires_at = :expiry, refused_until = :until, refused_times = :times REMOVE lease_until, failure',
    { ':token': token, ':expiry': expires_at, ':until': refused_until, ':times': refused_times },
  );
}

/** Keeps a failure beside the token, if there is one, and ends the lease; false when it has passed to another. */
const keepFailure = (table: Credentials, lease: string, failure: object): Promise<boolean> =>
  updateWithLease(table, lease, 'SET failure = :failure REMOVE lease_until', { ':failure': failure });

const updateWithLease = (
  table: Credentials,
  lease: string,
  UpdateExpression: string,
  values: Record<string, unknown>,
): Promise<boolean> =>
  update(table, {
    Key: table.key,
    UpdateExpression,
    ConditionExpression: theLeaseIsMine,
    ExpressionAttributeValues: { ...values, ':mine': lease },
  });
