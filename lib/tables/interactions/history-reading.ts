import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Interaction } from '../../interactions/interaction.ts';
import { shardIn } from '../../interactions/keys.ts';
import type { Position } from './history-cursor.ts';
import { interactionIn } from './history-item.ts';

/** An interaction, or a place down to which a partition was read without finding one more that is asked for. */
export type Step = { readonly at: Position; readonly interaction?: Interaction };

/** The budget of one call's reads. */
export type Budget = ReturnType<typeof budget>;

/** The most that one query is asked for; a partition is first read in small steps, which double. */
const LARGEST_BATCH = 500;

/** `ranOut` says that something asked for was not granted: there may be more than was read. */
export function budget({ items, queries }: { items: number; queries: number }) {
  const left = { items, queries };
  const state = { ranOut: false, take, giveBack: refund, allowsQueries };
  return state;

  function take(wanted: number): number {
    const granted = left.queries > 0 ? Math.min(wanted, left.items) : 0;
    if (granted === 0) state.ranOut = true;
    left.queries -= 1;
    left.items -= granted;
    return granted;
  }

  function refund(unread: number): void {
    left.items += unread;
  }

  function allowsQueries(count: number): boolean {
    if (left.queries < count || left.items < count) state.ranOut = true;
    return !state.ranOut;
  }
}

export const unbounded = (): Budget => budget({ items: Number.POSITIVE_INFINITY, queries: Number.POSITIVE_INFINITY });

type Reading = {
  readonly query: Omit<QueryCommandInput, 'Limit'>;
  readonly batch: number;
  readonly budget: Budget;
};

/** The steps of one partition, in its order. Ends early, without a word, when the budget has run out. */
export async function* steps(db: DynamoDBDocumentClient, { query, batch, budget }: Reading): AsyncGenerator<Step> {
  let start = query.ExclusiveStartKey;
  for (let wanted = batch; ; wanted = Math.min(wanted * 2, LARGEST_BATCH)) {
    const Limit = budget.take(wanted);
    if (Limit === 0) return;
    const page = await db.send(new QueryCommand({ ...query, Limit, ExclusiveStartKey: start }));
    budget.giveBack(Limit - (page.ScannedCount ?? 0));
    for (const item of page.Items ?? []) yield stepOf(query, item);
    start = page.LastEvaluatedKey;
    if (start === undefined) return;
    yield { at: positionOf(query, start) };
  }
}

function stepOf(query: Reading['query'], item: Record<string, unknown>): Step {
  const interaction = interactionIn(item);
  return { at: positionOf(query, item), ...(interaction && { interaction }) };
}

function positionOf(
  { IndexName }: Pick<QueryCommandInput, 'IndexName'>,
  { openid, created, day, received }: Record<string, unknown>,
): Position {
  if (IndexName === undefined) return [String(created)];
  return [String(received), shardIn(String(day)), String(openid), String(created)];
}

/** One stream of all the steps, the foremost first. Ends when one stream ends for want of budget. */
export async function* merged(
  streams: readonly AsyncGenerator<Step>[],
  isBefore: (one: Position, other: Position) => boolean,
  budget: Budget,
): AsyncGenerator<Step> {
  const heads = await Promise.all(streams.map(async (stream) => ({ stream, ...(await stream.next()) })));
  while (!budget.ranOut) {
    const waiting = heads.filter(({ done }) => !done);
    const [first, ...others] = waiting;
    if (first === undefined) return;
    const foremost = others.reduce((best, head) => (isBefore(head.value.at, best.value.at) ? head : best), first);
    yield foremost.value;
    Object.assign(foremost, await foremost.stream.next());
  }
}

/** Of two at the same moment in different shards, the lower shard's is first either way. */
export const isNewer = ([one, shard = 0]: Position, [other, otherShard = 0]: Position): boolean =>
  one === other ? shard < otherShard : one > other;

export const isOlder = ([one, shard = 0]: Position, [other, otherShard = 0]: Position): boolean =>
  one === other ? shard < otherShard : one < other;
