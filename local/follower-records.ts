import { setTimeout as sleepFor } from 'node:timers/promises';
import {
  BatchWriteCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Interaction } from '../lib/tables/interactions/item.ts';

export type FollowerRecords = ReturnType<typeof followerRecords>;

type Key = Pick<Interaction, 'openid' | 'created'>;
type Act = Key & Pick<Interaction, 'received' | 'direction' | 'kind'>;

/** A page is read within the second that one call may take. */
const PAGE = 500;

/** The most that one BatchWriteItem takes. */
const BATCH = 25;
const ATTEMPTS = 10;
const LONGEST_PAUSE_MS = 5_000;

const LEFT = 'event.unsubscribe';

/**
 * What the owner of the AWS account may do with the interactions and no function of the service may: look for everyone
 * who left, and delete. What has expired is not exported, and is erased with the rest.
 */
export function followerRecords(
  db: DynamoDBDocumentClient,
  { interactions: table, pending }: { interactions: string; pending: string },
  { now = Date.now, sleep = sleepFor }: { now?: () => number; sleep?: (ms: number) => Promise<unknown> } = {},
) {
  return { of, count, erase, whoLeft, hasLeft };

  /** All that is kept of a follower, oldest first. */
  async function* of(openid: string): AsyncGenerator<Interaction> {
    for await (const item of read<Interaction>(openid)) {
      if (item.expires_at === undefined || item.expires_at > now() / 1000) yield item;
    }
  }

  async function count(openid: string): Promise<number> {
    let found = 0;
    for await (const _ of read<Key>(openid, ['openid', 'created'])) found += 1;
    return found;
  }

  /** Deletes all that is kept of a follower, and what waits for them. Answers how many interactions that were. */
  async function erase(openid: string): Promise<number> {
    await db.send(new DeleteCommand({ TableName: pending, Key: { pk: `waiting#${openid}` } }));
    let erased = 0;
    let batch: Key[] = [];
    for await (const key of read<Key>(openid, ['openid', 'created'])) {
      batch.push(key);
      if (batch.length < BATCH) continue;
      erased += await remove(batch);
      batch = [];
    }
    return erased + (await remove(batch));
  }

  /** Everyone who left before a time (milliseconds) and has neither come back nor written. Reads the whole table. */
  async function* whoLeft(before: number): AsyncGenerator<string> {
    const seen = new Set<string>();
    for await (const openid of everyoneWhoEverLeft()) {
      if (seen.has(openid)) continue;
      seen.add(openid);
      if (await hasLeft(openid, before)) yield openid;
    }
  }

  /** Whether the last that a follower did is to have left. What was sent to them afterwards does not count. */
  async function hasLeft(openid: string, before: number): Promise<boolean> {
    let last: Act | undefined;
    for await (const act of read<Act>(openid, ['openid', 'created', 'received', 'direction', 'kind'])) {
      if (showsWhetherTheyFollow(act) && (last === undefined || isAfter(act, last))) last = act;
    }
    return last?.kind === LEFT && secondOf(last) * 1000 < before;
  }

  async function* read<T>(openid: string, attributes?: string[]): AsyncGenerator<T> {
    const { names, ...projection } = projected(attributes);
    let start: Record<string, unknown> | undefined;
    do {
      const page = await db.send(
        new QueryCommand({
          TableName: table,
          ...projection,
          KeyConditionExpression: '#openid = :openid',
          ExpressionAttributeNames: { '#openid': 'openid', ...names },
          ExpressionAttributeValues: { ':openid': openid },
          ConsistentRead: true,
          Limit: PAGE,
          ExclusiveStartKey: start,
        }),
      );
      yield* (page.Items ?? []) as T[];
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }

  async function* everyoneWhoEverLeft(): AsyncGenerator<string> {
    let start: Record<string, unknown> | undefined;
    do {
      const page = await db.send(
        new ScanCommand({
          TableName: table,
          ProjectionExpression: '#openid',
          FilterExpression: '#kind = :left',
          ExpressionAttributeNames: { '#openid': 'openid', '#kind': 'kind' },
          ExpressionAttributeValues: { ':left': LEFT },
          Limit: PAGE,
          ExclusiveStartKey: start,
        }),
      );
      for (const { openid } of page.Items ?? []) yield String(openid);
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }

  /** DynamoDB may leave part of a batch undone; that is sent again, ever more slowly. */
  async function remove(keys: readonly Key[]): Promise<number> {
    let left = keys.map((Key) => ({ DeleteRequest: { Key } }));
    for (let attempt = 0; left.length > 0; attempt++) {
      if (attempt === ATTEMPTS) throw new Error(`${table} is too busy; run the command again`);
      if (attempt > 0) await sleep(Math.min(50 * 2 ** attempt, LONGEST_PAUSE_MS));
      const { UnprocessedItems } = await db.send(new BatchWriteCommand({ RequestItems: { [table]: left } }));
      left = (UnprocessedItems?.[table] ?? []) as typeof left;
    }
    return keys.length;
  }
}

/** Subscribing and leaving; and whoever writes follows, should their subscription never have reached us. */
const showsWhetherTheyFollow = ({ direction, kind }: Act): boolean =>
  direction === 'in' &&
  (kind === LEFT || kind === 'event.subscribe' || !(kind.startsWith('event.') || kind.startsWith('unknown.')));

/** WeChat tells seconds; of two in the same, the later to reach us is the later. */
const isAfter = (act: Act, other: Act): boolean =>
  secondOf(act) === secondOf(other) ? act.received > other.received : secondOf(act) > secondOf(other);

const secondOf = ({ created }: Key): number => Number(created.slice(0, 10));

function projected(attributes: string[] | undefined): {
  ProjectionExpression?: string;
  names?: Record<string, string>;
} {
  if (attributes === undefined) return {};
  return {
    ProjectionExpression: attributes.map((name) => `#${name}`).join(', '),
    names: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
  };
}
