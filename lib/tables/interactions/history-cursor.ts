import * as v from 'valibot';
import type { Interaction } from '../../interactions/interaction.ts';
import { MOST_SHARDS, RECEIVED_BOUND, RECEIVED_KEY, SORT_KEY } from '../../interactions/keys.ts';
import { AppError } from '../../platform/error.ts';

/** A cursor that no answer of this history handed out for this question. */
export class WrongCursor extends AppError<'WRONG_CURSOR'> {
  override readonly name = 'WrongCursor';

  constructor(message: string) {
    super('WRONG_CURSOR', message);
  }
}

/** Whose history, of when (milliseconds, `from` counts, `to` no more) and which part of it. */
export type HistoryQuery = {
  readonly openid?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly kind?: string | undefined;
  readonly direction?: Interaction['direction'] | undefined;
};

/** A question whose beginning is fixed: it must not move from page to page. */
export type Pinned = HistoryQuery & { readonly from: number };

const LONGEST_CURSOR = 4_096;
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

export const writeCursor = (question: Pinned, at: Position): string =>
  Buffer.from(JSON.stringify({ ...question, at })).toString('base64url');

/**
 * Where the pages of this question go on. What is asked again must be what was asked first; what is not asked again is
 * taken from the cursor.
 * @throws WrongCursor
 */
export function readCursor(cursor: string, asked: HistoryQuery): { question: Pinned; at: Position } {
  const { at, ...question } = shaped(asked.openid === undefined ? EVERYONES : FOLLOWERS, cursor);
  for (const [name, value] of Object.entries(asked)) {
    if (value !== undefined && value !== (question as Record<string, unknown>)[name]) {
      throw new WrongCursor(`it belongs to a question with another ${name}`);
    }
  }
  return { question, at };
}

function shaped<S extends typeof EVERYONES | typeof FOLLOWERS>(shape: S, cursor: string): v.InferOutput<S> {
  const bytes = Buffer.from(cursor.slice(0, LONGEST_CURSOR), 'base64url');
  if (bytes.toString('base64url') !== cursor) throw new WrongCursor('it is not one of ours');
  const result = v.safeParse(shape, jsonIn(bytes));
  if (!result.success) throw new WrongCursor('it is not one of ours');
  return result.output;
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
