import * as v from 'valibot';
import type { Interaction } from '../../interactions/interaction.ts';
import { MOST_SHARDS, RECEIVED_BOUND, RECEIVED_KEY, SORT_KEY } from '../../interactions/keys.ts';
import { mustContinue, readCursor } from '../../platform/cursor.ts';

/** A query of the history: follower, time (milliseconds, `from` inclusive, `to` exclusive) and filters. */
export type HistoryQuery = {
  readonly openid?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly kind?: string | undefined;
  readonly direction?: Interaction['direction'] | undefined;
};

/** A question whose beginning is fixed: it must not move from page to page. */
export type Pinned = HistoryQuery & { readonly from: number };

const TIME = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const NAME = v.pipe(v.string(), v.nonEmpty(), v.maxBytes(256));
const CREATED = v.pipe(v.string(), v.regex(SORT_KEY), v.maxBytes(64));
const RECEIVED = v.pipe(v.string(), v.regex(RECEIVED_KEY), v.maxBytes(80));
const MIDNIGHT = v.pipe(v.string(), v.regex(RECEIVED_BOUND));
const SHARD = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MOST_SHARDS - 1));

const QUESTION = {
  from: TIME,
  to: v.optional(TIME),
  kind: v.optional(NAME),
  direction: v.optional(v.picklist(['in', 'out'])),
};

/** Everyone's history stands behind one interaction, or at the beginning of a day. */
const EVERYONES = v.strictObject({
  ...QUESTION,
  at: v.union([v.strictTuple([MIDNIGHT]), v.strictTuple([RECEIVED, SHARD, NAME, CREATED])]),
});
const FOLLOWERS = v.strictObject({ ...QUESTION, openid: NAME, at: v.strictTuple([CREATED]) });

/** Behind which interaction a page ended: [sort key], [received, shard, openid, sort key], or before which day. */
export type Position = v.InferOutput<typeof EVERYONES>['at'] | v.InferOutput<typeof FOLLOWERS>['at'];

/**
 * The query that a cursor continues, and from where. What is not asked again is taken from the cursor.
 * @throws WrongCursor
 */
export function continued(cursor: string, asked: HistoryQuery): { question: Pinned; at: Position } {
  const { at, ...question } = readCursor(asked.openid === undefined ? EVERYONES : FOLLOWERS, cursor);
  return { question: mustContinue<Pinned>(question, asked), at };
}
