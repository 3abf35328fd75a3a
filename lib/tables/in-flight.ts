import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { conditionMet } from '../aws/dynamodb.ts';

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
type Item = { readonly leases?: Leases; readonly revision?: number };

/**
 * At most `most` leases at a time, never more; one may be refused though some are free, since only three of the items are
 * looked at, and none for longer than it takes to be outrun by others four times. Times are in milliseconds.
 */
export function inFlightTable(
  db: DynamoDBDocumentClient,
  table: string,
  { account, most, now = Date.now, random = Math.random }: Limit,
) {
  const segments = Math.ceil(most / SEGMENT_LEASES);

  return {
    /** A lease until then, or undefined when there is none. */
    async enter(id: string, until: number): Promise<Lease | undefined> {
      const first = Math.floor(random() * segments);
      for (let tried = 0; tried < Math.min(SEGMENTS_TRIED, segments); tried++) {
        const segment = (first + tried) % segments;
        if (await enterSegment(segment, id, until)) return { segment, id };
      }
      return undefined;
    },

    leave: ({ segment, id }: Lease): Promise<unknown> =>
      db.send(
        new UpdateCommand({
          TableName: table,
          Key: { pk: keyOf(account, segment) },
          UpdateExpression: 'REMOVE leases.#id ADD revision :one',
          ExpressionAttributeNames: { '#id': id },
          ExpressionAttributeValues: { ':one': 1 },
        }),
      ),
  };

  async function enterSegment(segment: number, id: string, until: number): Promise<boolean> {
    for (let round = 1; round <= ROUNDS; round++) {
      const { leases = {}, revision = 0 } = await read(segment);
      const alive = Object.entries(leases).filter(([, ends]) => ends > now());
      if (alive.length >= roomIn(segment)) return false;
      if (await put(segment, { ...Object.fromEntries(alive), [id]: until }, revision)) return true;
    }
    return false;
  }

  /** The limit, spread over the segments. */
  function roomIn(segment: number): number {
    return Math.floor(most / segments) + (segment < most % segments ? 1 : 0);
  }

  async function read(segment: number): Promise<Item> {
    const command = new GetCommand({ TableName: table, Key: { pk: keyOf(account, segment) }, ConsistentRead: true });
    return ((await db.send(command)).Item ?? {}) as Item;
  }

  function put(segment: number, leases: Leases, revision: number): Promise<boolean> {
    const command = new PutCommand({
      TableName: table,
      Item: { pk: keyOf(account, segment), leases, revision: revision + 1 },
      ConditionExpression: 'attribute_not_exists(pk) OR revision = :revision',
      ExpressionAttributeValues: { ':revision': revision },
    });
    return conditionMet(db.send(command));
  }
}

const keyOf = (account: string, segment: number): string => `in-flight#${account}#${segment}`;
