/**
 * The keys of the interactions: every one is written and read here and nowhere else.
 *
 * | attribute  | is                                                    | orders               |
 * | ---------- | ----------------------------------------------------- | -------------------- |
 * | `openid`   | the follower; `-` or `-#<shard>` where nobody is named |                      |
 * | `created`  | the sort key: CreateTime in 10 digits, `#`, identity   | a follower's history |
 * | `day`      | UTC day of receipt, `#`, shard                         |                      |
 * | `received` | receipt in ms in 13 digits, `#`, identity              | everyone's history   |
 *
 * An interaction that follows from a delivery (a slow reply's part, a later reply) has its sort key, `~` and a suffix.
 */

/** Of deliveries that name no follower. */
export const NOBODY = '-';

/** The most shards that a day may have (`INTERACTION_SHARDS`). */
export const MOST_SHARDS = 99;

export const SORT_KEY = /^\d{10}#/;
export const RECEIVED_KEY = /^\d{13}#/;
/** A moment as the lower or upper end of a range of `received`. */
export const RECEIVED_BOUND = /^\d{13}$/;

const CREATE_TIME_DIGITS = 10;
const RECEIVED_DIGITS = 13;
const NOBODYS_SHARD = /^-#\d{1,2}$/;

/** Of the year 2286: the last second that 10 digits can tell. */
const LATEST_MS = 9_999_999_999_000;

/** Behind every CreateTime. */
const END_OF_TIME = ':';

/** The suffixes of interactions that follow from a delivery: a part of its slow reply, the waiting text, a repetition's reply. */
export type Suffix = 'reply' | 'waiting' | 'answer' | `answer-${number}`;

/** `createTime` in Unix seconds; the identity tells it from the follower's others of that second. */
export const sortKeyOf = (createTime: number, identity: string): string =>
  `${String(createTime).padStart(CREATE_TIME_DIGITS, '0')}#${identity}`;

/** CreateTime, in Unix seconds. */
export const createTimeOf = ({ created }: { readonly created: string }): number =>
  Number(created.slice(0, CREATE_TIME_DIGITS));

/** The identity in a sort key: all behind the CreateTime. */
export const identityIn = (sortKey: string): string => sortKey.slice(sortKey.indexOf('#') + 1);

/** The sort key of what a delivery led to. */
export const followingKey = (sortKey: string, suffix: Suffix): string => `${sortKey}~${suffix}`;

/** `receivedAt` in milliseconds. */
export const receivedKeyOf = (receivedAt: number, identity: string): string => `${stamp(receivedAt)}#${identity}`;

/** The time of receipt in milliseconds. */
export const receivedAtOf = ({ received }: { readonly received: string }): number => momentIn(received);

/** The moment in a `received` key, or in an end of a range of them. */
export const momentIn = (key: string): number => Number(key.slice(0, RECEIVED_DIGITS));

/** The UTC day of a moment: `2026-01-31`. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, '2026-01-31'.length);

/** A partition of the index `by-day`. */
export const dayPartition = (day: string, shard: number): string => `${day}#${shard}`;

/** The shard of a partition of the index `by-day`. */
export const shardIn = (partition: string): number => Number(partition.slice(partition.indexOf('#') + 1));

/** The partition of a delivery of which nobody can say whose it is. */
export const nobodysPartition = (shard: number): string => `${NOBODY}#${shard}`;

/** True for a partition of deliveries without a follower. */
export const isNobodys = (openid: string): boolean => openid === NOBODY || openid.startsWith(`${NOBODY}#`);

/** True if an openid of a request names the partition of deliveries without a known follower. */
export const isNobodysShard = (openid: string): boolean => NOBODYS_SHARD.test(openid);

/** The interaction's id that the API shows. */
export const idOf = ({ openid, created }: { readonly openid: string; readonly created: string }): string =>
  `${openid}#${created}`;

/**
 * The end of a range of `received`, and of sort keys. A key is one of these followed by `#`, so that a moment's own keys
 * are behind it: as a lower end it counts, as an upper end not.
 */
export const receivedBound = (ms: number): string => stamp(Math.min(ms, LATEST_MS));
export const sortKeyBound = (ms: number | undefined): string =>
  ms === undefined ? END_OF_TIME : String(Math.ceil(Math.min(ms, LATEST_MS) / 1000)).padStart(CREATE_TIME_DIGITS, '0');

const stamp = (ms: number): string => String(ms).padStart(RECEIVED_DIGITS, '0');

/** Spreads identities evenly over the shards (FNV-1a). */
export function shardOf(identity: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < identity.length; at++) hash = Math.imul(hash ^ identity.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % shards;
}
