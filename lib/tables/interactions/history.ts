import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { put } from '../../aws/dynamodb.ts';
import { type Interaction, type Placement, placed } from '../../interactions/interaction.ts';
import { sortKeyOf } from '../../interactions/keys.ts';
import { writeCursor } from '../../platform/cursor.ts';
import { continued, type HistoryQuery, type Pinned, type Position } from './history-cursor.ts';
import { type Interactions, newestOfEveryone, newestOfFollower, oldestOfEveryone } from './history-partitions.ts';
import { type Budget, budget, type Step, unbounded } from './history-reading.ts';

/** The back office's interface to the interactions: read, and append what an operator sent. The server's is `record.ts`. */
export type History = ReturnType<typeof history>;

/** Newest first. A page may be short or even empty; only a missing cursor is the end. */
export type Page = { readonly interactions: readonly Interaction[]; readonly next_cursor?: string };

type Paged = { readonly limit: number; readonly cursor?: string | undefined };
type Span = { readonly from?: number | undefined; readonly to?: number | undefined };

/** A message of an operator to a follower at `sentAt` (milliseconds). The identity is the sender's, 1–32 characters. */
export type Sent = Pick<Interaction, 'openid' | 'kind' | 'details'> & {
  readonly operator: string;
  readonly sentAt: number;
  readonly identity: string;
};

/** The most that one call reads, for any query. */
const MOST = { items: 2_000, queries: 200 } as const;

/** A Lambda may answer 6 MB; an interaction of an unknown kind may have over 100 KB. */
const MOST_PAGE_BYTES = 4 * 1024 * 1024;

const SMALLEST_BATCH = 10;
const LARGEST_BATCH = 500;
const DEFAULT_SPAN_MS = 30 * 86_400_000;

/**
 * All that the back office may ask of the interactions. Times are milliseconds; `from` counts, `to` no more. Without
 * `from` it is everything of one follower, of everyone 30 days before `to`, without `to` now. An interaction past its
 * expiry counts as absent. All configured shards are read, so their number may grow, but not shrink.
 */
export function history(
  db: DynamoDBDocumentClient,
  name: string,
  { now = Date.now, ...placement }: Placement & { now?: () => number },
) {
  const table: Interactions = { db, name, shards: placement.shards, now };
  return {
    ofFollower: (openid: string, page: Span & Paged) => pageOfFollower(table, openid, page),
    ofEveryone: (page: Omit<HistoryQuery, 'openid'> & Paged) => pageOfEveryone(table, page),
    between: (from: number, to: number, { limit = Number.POSITIVE_INFINITY } = {}) => between(table, from, to, limit),
    ofFollowerBetween: (openid: string, from: number, to: number) => ofFollowerBetween(table, openid, from, to),
    newestOfFollower: <T extends object>(openid: string, from: number, find: Find<T>) =>
      findNewest(table, openid, from, find),
    append: (sent: Sent) => append(table, placement, sent),
  };
}

/** One follower's, by CreateTime. @throws WrongCursor */
async function pageOfFollower(table: Interactions, openid: string, asked: Span & Paged): Promise<Page> {
  const { limit, cursor, ...span } = asked;
  const { question, at } = opened(table, { ...span, openid }, cursor);
  const reading = { at, budget: budget(MOST), batch: limit + 1 };
  return pageOf(question, limit, reading.budget, newestOfFollower(table, openid, question, reading));
}

/** Everyone's, by receipt; of one kind or direction, if that is asked. @throws WrongCursor */
async function pageOfEveryone(table: Interactions, asked: Omit<HistoryQuery, 'openid'> & Paged): Promise<Page> {
  const { limit, cursor, ...filter } = asked;
  const { question, at } = opened(table, filter, cursor);
  const evenShare = Math.ceil((limit + 1) / table.shards);
  const fairShare = Math.floor(MOST.items / table.shards);
  const batch = Math.min(Math.max(evenShare, SMALLEST_BATCH), fairShare);
  const reading = { at, budget: budget(MOST), batch };
  return pageOf(question, limit, reading.budget, newestOfEveryone(table, question, reading));
}

/** Everyone's that reached us between two times, oldest first, at most `limit`. */
async function* between(table: Interactions, from: number, to: number, limit: number): AsyncGenerator<Interaction> {
  const all = oldestOfEveryone(table, from, to, { budget: unbounded(), batch: LARGEST_BATCH });
  let count = 0;
  for await (const { interaction } of all) {
    if (count >= limit) return;
    if (interaction === undefined) continue;
    count += 1;
    yield interaction;
  }
}

/** One follower's between two CreateTimes, newest first. Reads on only while more is asked for. */
async function* ofFollowerBetween(
  table: Interactions,
  openid: string,
  from: number,
  to: number,
): AsyncGenerator<Interaction> {
  const all = newestOfFollower(table, openid, { from, to }, { budget: unbounded(), batch: SMALLEST_BATCH });
  for await (const { interaction } of all) if (interaction !== undefined) yield interaction;
}

type Find<T extends object> = (interaction: Interaction) => T | undefined;

/** The result of a search: undefined where nothing was found, TOO_MANY where there was more than may be read. */
export type Search<T> =
  | { readonly ok: true; readonly found: T | undefined }
  | { readonly ok: false; readonly code: 'TOO_MANY' };

/** The first result of `find` for a follower's interactions, from the newest back to `from`. */
async function findNewest<T extends object>(
  table: Interactions,
  openid: string,
  from: number,
  find: Find<T>,
): Promise<Search<T>> {
  const reading = { budget: budget(MOST), batch: SMALLEST_BATCH };
  for await (const { interaction } of newestOfFollower(table, openid, { from }, reading)) {
    const found = interaction && find(interaction);
    if (found !== undefined) return { ok: true, found };
  }
  return reading.budget.ranOut ? { ok: false, code: 'TOO_MANY' } : { ok: true, found: undefined };
}

/** Keeps what was sent. False if this identity was kept before: that one stays as it is. */
async function append(table: Interactions, placement: Placement, sent: Sent): Promise<boolean> {
  const { openid, kind, details, operator, sentAt, identity } = sent;
  const interaction: Interaction = {
    openid,
    created: sortKeyOf(Math.floor(sentAt / 1000), identity),
    ...placed(placement, sentAt, identity),
    direction: 'out',
    kind,
    details,
    operator,
  };
  return put(table, { Item: interaction, ConditionExpression: 'attribute_not_exists(openid)' });
}

function opened(
  { now }: Interactions,
  asked: HistoryQuery,
  cursor: string | undefined,
): { question: Pinned; at?: Position } {
  if (cursor !== undefined) return continued(cursor, asked);
  const from = asked.openid === undefined ? Math.max(0, (asked.to ?? now()) - DEFAULT_SPAN_MS) : 0;
  return { question: { ...asked, from: asked.from ?? from } };
}

/** Steps until the page is full, the steps end, or the budget has run out. */
async function pageOf(question: Pinned, limit: number, budget: Budget, all: AsyncGenerator<Step>): Promise<Page> {
  const interactions: Interaction[] = [];
  let at: Position | undefined;
  let bytes = 0;
  for await (const step of all) {
    const size = step.interaction === undefined ? 0 : Buffer.byteLength(JSON.stringify(step.interaction));
    const isFull = interactions.length === limit || (bytes > 0 && bytes + size > MOST_PAGE_BYTES);
    if (isFull && at !== undefined) return { interactions, next_cursor: writeCursor({ ...question, at }) };
    at = step.at;
    bytes += size;
    if (step.interaction !== undefined) interactions.push(step.interaction);
  }
  return { interactions, ...(budget.ranOut && at !== undefined && { next_cursor: writeCursor({ ...question, at }) }) };
}
