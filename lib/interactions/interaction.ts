import type { Config } from '../platform/config.ts';
import type { Reply } from '../wechat/callback/passive-reply.ts';
import { dayOf, dayPartition, nobodysPartition, receivedKeyOf, shardOf } from './keys.ts';

/**
 * One interaction as it lies in the table: a delivery with the reply that was decided for it, or something sent to a
 * follower. Written once, never changed.
 */
export type Interaction = {
  /** The keys: `keys.ts` says what they are. `created` is the sort key. */
  readonly openid: string;
  readonly created: string;
  readonly day: string;
  readonly received: string;
  readonly direction: 'in' | 'out';
  /** `text`, `event.CLICK`, `unknown.hologram`, `unreadable`; of what was sent, the kind of message. */
  readonly kind: string;
  /** The fields of the delivery or message, in WeChat's spelling. */
  readonly details: Readonly<Record<string, unknown>>;
  /** The passive reply to a delivery; null when it was answered with `success`. */
  readonly reply?: Reply | null;
  /** The origin of the reply: `rule:<id>`, `code:<kind>`, `welcome`; of a message, its origin unless an operator sent it. */
  readonly answered_by?: string;
  /** The duration of the decision, in milliseconds. */
  readonly decided_in_ms?: number;
  /** The reply was not ready, or, without `answered_by`, could not be decided; it is an interaction of its own. */
  readonly pending?: true;
  /** The operator who sent it. */
  readonly operator?: string;
  /** Seconds since 1970 when DynamoDB may drop it. */
  readonly expires_at?: number;
};

export type Placement = { readonly shards: number; readonly retentionDays: number | undefined };

export const placementOf = ({
  INTERACTION_SHARDS: shards,
  INTERACTION_RETENTION_DAYS: retentionDays,
}: Config<'INTERACTION_SHARDS' | 'INTERACTION_RETENTION_DAYS'>): Placement => ({ shards, retentionDays });

const DAY_SECONDS = 86_400;

/** The keys of the index `by-day` and the expiry of an interaction that reached us at `receivedAt` (milliseconds). */
export function placed(
  { shards, retentionDays }: Placement,
  receivedAt: number,
  identity: string,
): Pick<Interaction, 'day' | 'received' | 'expires_at'> {
  return {
    day: dayPartition(dayOf(receivedAt), shardOf(identity, shards)),
    received: receivedKeyOf(receivedAt, identity),
    ...(retentionDays && { expires_at: Math.floor(receivedAt / 1000) + retentionDays * DAY_SECONDS }),
  };
}

/** The partition of deliveries without a known follower. */
export const ofNobody = ({ shards }: Placement, identity: string): string =>
  nobodysPartition(shardOf(identity, shards));
