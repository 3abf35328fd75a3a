import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { conditionMet } from '../aws/dynamodb.ts';
import type { WeChatError } from '../wechat/api/error.ts';

/** Why WeChat handed out no token. */
export type Failure = Pick<WeChatError, 'reason' | 'errcode' | 'errmsg'> & { readonly detail?: string | undefined };

/** What is kept of an account's access_token. Times are in milliseconds since 1970; what lies behind us is over. */
export type Credential = {
  readonly access_token?: string;
  readonly expires_at?: number;
  /** WeChat returned this token again after it had refused it; until then it is not asked for another. */
  readonly refused_until?: number;
  /** How often in a row it did. */
  readonly refused_times?: number;
  /** The last call brought no token; `until` then no other call is made. */
  readonly failure?: Failure & { readonly until: number };
  /** Who called WeChat last, and until when that call may still bring a token. */
  readonly lease?: string;
  readonly lease_until?: number;
};

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
export function credentialsTable(db: DynamoDBDocumentClient, table: string, appId: string) {
  const item = { TableName: table, Key: { pk: `access-token#${appId}` } };

  const isDoneWithLease = (lease: string, UpdateExpression: string, values: Record<string, unknown>) =>
    conditionMet(
      db.send(
        new UpdateCommand({
          ...item,
          UpdateExpression,
          ConditionExpression: theLeaseIsMine,
          ExpressionAttributeValues: { ...values, ':mine': lease },
        }),
      ),
    );

  return {
    /** What is kept; nothing at first. */
    async read({ consistent = false } = {}): Promise<Credential> {
      const { Item = {} } = await db.send(new GetCommand({ ...item, ConsistentRead: consistent }));
      return Item;
    },

    /** The lease for a call to WeChat, unless somebody took it since `seen` was read. Leaves the token in place. */
    async takeLease(seen: Credential, now: number): Promise<string | undefined> {
      const lease = randomUUID();
      const nobodyCameBetween = seen.lease === undefined ? nobodyHasAsked : nobodyHasAskedSince;
      const isTaken = await conditionMet(
        db.send(
          new UpdateCommand({
            ...item,
            UpdateExpression: 'SET lease = :mine, lease_until = :until',
            // A write that is sent again because its answer was lost finds its own lease.
            ConditionExpression: `${nobodyCameBetween} OR ${theLeaseIsMine}`,
            ExpressionAttributeValues: { ':mine': lease, ':until': now + LEASE_MS, ':seen': seen.lease },
          }),
        ),
      );
      return isTaken ? lease : undefined;
    },

    /** Keeps a token and ends the lease; false, and nothing is kept, when the lease has passed to another. */
    keep: (lease: string, { token, expires_at, refused_until = 0, refused_times = 0 }: KeptToken): Promise<boolean> =>
      isDoneWithLease(
        lease,
        'SET access_token = :token, expires_at = :expiry, refused_until = :until, refused_times = :times REMOVE lease_until, failure',
        { ':token': token, ':expiry': expires_at, ':until': refused_until, ':times': refused_times },
      ),

    /** Keeps a failure beside the token, if there is one, and ends the lease; false when it has passed to another. */
    keepFailure: (lease: string, failure: Failure, until: number): Promise<boolean> =>
      isDoneWithLease(lease, 'SET failure = :failure REMOVE lease_until', { ':failure': { ...failure, until } }),
  };
}
