import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { get, put, type Table, update } from '../aws/dynamodb.ts';
import { mapOf, number, record } from '../platform/read.ts';

/** How many deliveries are held for a slow reply at once, in the table `pending`: leases that end by themselves. */
export type InFlightTable = ReturnType<typeof inFlightTable>;

/** The right to hold a delivery. */
export type Lease = { readonly segment: number; readonly id: string };

/** Leases lie in several items, since one would be written too often. */
const SEGMENT_LEASES = 10;
const SEGMENTS_TRIED = 3;
const ROUNDS = 4;

type Limit = {
  /** The account's AppID. */
  readonly account: string;
  readonly most: number;
  readonly now?: () => number;
  /** 0 ≤ number < 1. */
  readonly random?: () => number;
};

type Leases = Readonly<Record<string, number>>;
type InFlight = Table & Required<Limit> & { readonly segments: number };

/**
 * At most `most` leases at a time, never more; one may be refused though some are free, since only three of the items are
 * looked at, and none for longer than it takes to be outrun by others four times. Times are in milliseconds.
 */
export function inFlightTable(
  db: DynamoDBDocumentClient,
  name: string,
  { account, most, now = Date.now, random = Math.random }: Limit,
) {
  const table: InFlight = { db, name, account, most, now, random, segments: Math.ceil(most / SEGMENT_LEASES) };
  return {
    enter: (id: string, until: number) => enter(table, id, until),
    leave: (lease: Lease) => leave(table, lease),
  };
}

/** A lease until then, or undefined when there is none. */
async function enter(table: InFlight, id: string, until: number): Promise<Lease | undefined> {
  const { segments, random } = table;
  const first = Math.floor(random() * segments);
  for (let tried = 0; tried < Math.min(SEGMENTS_TRIED, segments); tried++) {
    const segment = (first + tried) % segments;
    if (await enterSegment(table, segment, id, until)) return { segment, id };
  }
  return undefined;
}

const leave = (table: InFlight, { segment, id }: Lease): Promise<unknown> =>
  update(table, {
    Key: keyOf(table, segment),
    UpdateExpression: 'REMOVE leases.#id ADD revision :one',
    ExpressionAttributeNames: { '#id': id },
    ExpressionAttributeValues: { ':one': 1 },
  });

/** An item that cannot be read is full. */
async function enterSegment(table: InFlight, segment: number, id: string, until: number): Promise<boolean> {
  for (let round = 1; round <= ROUNDS; round++) {
    const item = SEGMENT((await get(table, keyOf(table, segment))) ?? {});
    if (item === undefined) return false;
    const { leases = {}, revision = 0 } = item;
    const alive = Object.entries(leases).filter(([, ends]) => ends > table.now());
    if (alive.length >= roomIn(table, segment)) return false;
    if (await putSegment(table, segment, { ...Object.fromEntries(alive), [id]: until }, revision)) return true;
  }
  return false;
}

const SEGMENT = record({}, { leases: mapOf(number), revision: number });

/** The limit, spread over the segments. */
const roomIn = ({ most, segments }: InFlight, segment: number): number =>
  Math.floor(most / segments) + (segment < most % segments ? 1 : 0);

const putSegment = (table: InFlight, segment: number, leases: Leases, revision: number): Promise<boolean> =>
  put(table, {
    Item: { ...keyOf(table, segment), leases, revision: revision + 1 },
    ConditionExpression: 'attribute_not_exists(pk) OR revision = :revision',
    ExpressionAttributeValues: { ':revision': revision },
  });

const keyOf = ({ account }: InFlight, segment: number) => ({ pk: `in-flight#${account}#${segment}` });
