import type { Config } from '../platform/config.ts';
import type { Reply } from '../wechat/callback/passive-reply.ts';

/**
 * One interaction as it lies in the table: a delivery with the reply that was decided for it, or something sent to a
 * follower. Written once, never changed.
 */
export type Interaction = {
  /** The follower; `-` if WeChat named none, `-#` and a shard if it could not be read whom it named. */
  readonly openid: string;
  /** When it happened in WeChat's seconds (10 digits), `#`, its identity: orders one follower's history. */
  readonly created: string;
  /** UTC day of receipt, `#`, a shard: the partition of the index `by-day`. */
  readonly day: string;
  /** When it reached us in milliseconds (13 digits), `#`, its identity: orders everyone's history. */
  readonly received: string;
  readonly direction: 'in' | 'out';
  /** `text`, `event.CLICK`, `unknown.hologram`, `unreadable`; of what was sent, the kind of message. */
  readonly kind: string;
  /** The fields of the delivery or message, in WeChat's spelling. */
  readonly details: Readonly<Record<string, unknown>>;
  /** The passive reply to a delivery; null when it was answered with `success`. */
  readonly reply?: Reply | null;
  /** What decided the reply: `rule:<id>`, `code:<kind>`, `welcome`; of something sent, what made it, unless an operator did. */
  readonly answered_by?: string;
  /** How long deciding took. */
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
    day: `${new Date(receivedAt).toISOString().slice(0, 10)}#${shardOf(identity, shards)}`,
    received: `${String(receivedAt).padStart(13, '0')}#${identity}`,
    ...(retentionDays && { expires_at: Math.floor(receivedAt / 1000) + retentionDays * DAY_SECONDS }),
  };
}

/** Where a delivery lies of which nobody can say whose it is. */
export const ofNobody = ({ shards }: Placement, identity: string): string => `-#${shardOf(identity, shards)}`;

/** Spreads identities evenly over the shards (FNV-1a). */
function shardOf(identity: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < identity.length; at++) hash = Math.imul(hash ^ identity.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % shards;
}
