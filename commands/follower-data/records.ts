import { setTimeout as sleepFor } from 'node:timers/promises';
import { BatchWriteCommand, DeleteCommand, PutCommand, paginateQuery, paginateScan } from '@aws-sdk/lib-dynamodb';
import { projected } from '../../lib/aws/batch-get.ts';
import { untilDone } from '../../lib/aws/batches.ts';
import { conditionMet } from '../../lib/aws/dynamodb.ts';
import { mayShowFollowing } from '../../lib/insights/behaviour.ts';
import { withoutHashes } from '../../lib/insights/forget.ts';
import { hashesUnder } from '../../lib/insights/sketches/hash.ts';
import { staleHours } from '../../lib/insights/stale.ts';
import { isCurrent, type StoredFigures } from '../../lib/insights/stored.ts';
import type { Interaction } from '../../lib/interactions/interaction.ts';
import { createTimeOf, isNobodys, receivedAtOf } from '../../lib/interactions/keys.ts';
import { doubling, type Sleep } from '../../lib/platform/retry.ts';
import { erasuresTable } from '../../lib/tables/erasures.ts';
import { insightsTable } from '../../lib/tables/insights.ts';
import { LEFT } from '../../lib/wechat/deliveries/events.ts';
import { tableDefinitions } from '../../local/tables.ts';
import type { Stage } from '../stage.ts';
import { type Names, namesOf, textOf } from './names.ts';
import { PLACES, type Table } from './places.ts';

export type FollowerRecords = ReturnType<typeof followerRecords>;

type Item = Readonly<Record<string, unknown>>;
type Key = Pick<Interaction, 'openid' | 'created'>;
type Deletable = Key & Pick<Interaction, 'received' | 'kind'>;
type Act = Deletable & Pick<Interaction, 'direction'>;

/** The number of erased interactions, and of other items with the openids by table. */
export type Erased = {
  interactions: number;
  readonly elsewhere: Map<Table, number>;
  /** The time of the newest of them, in milliseconds. */
  newest: number;
};

const TABLES = Object.keys(PLACES) as Table[];

/** The tables that concurrent processing may still write. */
const CHANGING: readonly Table[] = ['pending', 'insights'];

/** The items of a page, so that it is read within a call's limit of one second. */
const PAGE = 500;

/** DynamoDB's limit for one BatchWriteItem. */
const BATCH = 25;
/** 51 s in all. */
const PAUSES_MS = doubling(100, 5_000, 9);

/**
 * Access to all stored data of followers for the owner of the AWS account, which no function of the service has: find it in
 * every table, delete and replace. Expired items are not exported, but erased.
 */
export function followerRecords(
  { db, tableNamed, settings }: Stage,
  { now = Date.now, sleep = sleepFor }: { now?: () => number; sleep?: Sleep } = {},
) {
  const table = tableNamed('interactions');
  const keys = { current: settings.PSEUDONYM_KEY, previous: settings.PREVIOUS_PSEUDONYM_KEY };
  const hashers = [keys.current, ...(keys.previous === undefined ? [] : [keys.previous])].map(hashesUnder);
  const erasures = erasuresTable(db, tableNamed('erasures'), keys);
  const stale = staleHours(insightsTable(db, tableNamed('insights')), now);
  const definitions = tableDefinitions();
  const isAlive = ({ expires_at }: Item) => expires_at === undefined || Number(expires_at) > now() / 1000;

  return { of, elsewhere, count, erase, unsubscribed, isUnsubscribed };

  /** A follower's own interactions, oldest first. */
  async function* of(openid: string): AsyncGenerator<Interaction> {
    for await (const item of read<Interaction>(openid)) if (isAlive(item)) yield item;
  }

  /** The items that name a follower besides their own interactions; of an hour's figures, only their keys. */
  async function* elsewhere(openid: string): AsyncGenerator<Item & { readonly table: Table }> {
    const names = namesOf(new Map([[openid, openid]]));
    const hashes = hashesOf(new Set([openid]));
    for await (const { table, item } of everything(TABLES)) {
      if (!isAlive(item) || isOwn(table, item, new Set([openid])) || PLACES[table].erasing === 'keep') continue;
      if (mentions(names, item)) yield { table, ...item };
      else if (isFigures(table, item) && withoutHashes(item, hashes) !== item)
        yield { table, ...keyOf(table, item), holds: 'a hash of this follower' };
    }
  }

  async function count(openid: string): Promise<number> {
    let found = 0;
    for await (const _ of read<Key>(openid, ['openid', 'created'])) found += 1;
    return found;
  }

  /**
   * Deletes all data of followers, and their openids elsewhere. Resumable: the unsubscription is deleted last, and the
   * replacement names are remembered.
   */
  async function erase(openids: ReadonlySet<string>): Promise<Erased> {
    const replacements = new Map<string, string>();
    for (const openid of openids) replacements.set(openid, (await erasures.remember(openid, now())).name);
    const names = namesOf(replacements);
    const erased: Erased = { interactions: 0, elsewhere: new Map(), newest: 0 };
    await sweep(TABLES);
    for (const openid of openids) {
      erased.interactions += await eraseOwn(openid, (moment) => {
        erased.newest = Math.max(erased.newest, moment);
      });
    }
    await sweep(CHANGING);
    return erased;

    async function sweep(tables: readonly Table[]): Promise<void> {
      const hashes = hashesOf(openids);
      for await (const { table, item } of everything(tables)) {
        if (isOwn(table, item, openids) || !(await eraseIn(table, item, names, hashes))) continue;
        erased.elsewhere.set(table, (erased.elsewhere.get(table) ?? 0) + 1);
      }
    }
  }

  /** Erases the followers in an item; true if it named one. */
  async function eraseIn(table: Table, item: Item, names: Names, hashes: ReadonlySet<string>): Promise<boolean> {
    if (table === 'insights') return eraseInInsights(item, names, hashes);
    if (!mentions(names, item) || PLACES[table].erasing === 'keep') return false;
    if (PLACES[table].erasing === 'delete') await remove(table, item);
    if (PLACES[table].erasing === 'replace')
      await (table === 'interactions' ? eraseInHistory : replace)(table, item, names);
    return true;
  }

  /** Replaces the follower in the history of others; deletes a delivery without a follower, which may be theirs. */
  async function eraseInHistory(table: Table, item: Item, names: Names): Promise<void> {
    await stale.around([receivedAtOf({ received: String(item.received) })], () =>
      isNobodys(String(item.openid)) ? remove(table, item) : replace(table, item, names),
    );
  }

  /** Deletes rows of an earlier version, which count as absent and whose hashes have no key. */
  async function eraseInInsights(item: Item, names: Names, hashes: ReadonlySet<string>): Promise<boolean> {
    if (!isFigures('insights', item)) return false;
    if (!isCurrent(item)) {
      await stale.around([Date.parse(`${item.day}T${item.hour}:00:00Z`)], () => remove('insights', item));
      return false;
    }
    const left = withoutHashes(item, hashes);
    if (left === item && !names.isIn(item)) return false;
    await replace('insights', left as unknown as Item, names);
    return true;
  }

  /** Writes an item without the names, under a key without them, unless it was deleted or changed concurrently. */
  async function replace(table: Table, item: Item, names: Names): Promise<void> {
    const replaced = names.replacedIn(item);
    const [before, after] = [JSON.stringify(keyOf(table, item)), JSON.stringify(keyOf(table, replaced))];
    const isSame = before === after;
    await conditionMet(
      db.send(
        new PutCommand({
          TableName: tableNamed(table),
          Item: replaced,
          ...(isSame && unchanged(table, item)),
        }),
      ),
    );
    if (!isSame) await remove(table, item);
  }

  function unchanged(table: Table, item: Item) {
    const [name = ''] = Object.keys(keyOf(table, item));
    const exists = { ConditionExpression: 'attribute_exists(#key)', ExpressionAttributeNames: { '#key': name } };
    if (typeof item.revision !== 'string') return exists;
    return {
      ConditionExpression: 'revision = :revision',
      ExpressionAttributeValues: { ':revision': item.revision },
    };
  }

  async function remove(table: Table, item: Item): Promise<void> {
    await db.send(new DeleteCommand({ TableName: tableNamed(table), Key: keyOf(table, item) }));
  }

  /** Repeats until nothing is left, since interactions may be written concurrently. */
  async function eraseOwn(openid: string, note: (moment: number) => void): Promise<number> {
    let erased = 0;
    for (let more = await eraseOnce(openid, note); more > 0; more = await eraseOnce(openid, note)) erased += more;
    return erased;
  }

  /** Deletes the unsubscription last, since it finds the follower again if this process is killed. */
  async function eraseOnce(openid: string, note: (moment: number) => void): Promise<number> {
    let erased = 0;
    let batch: Deletable[] = [];
    const last: Deletable[] = [];
    for await (const item of read<Deletable>(openid, ['openid', 'created', 'received', 'kind'])) {
      note(createTimeOf(item) * 1000);
      (item.kind === LEFT ? last : batch).push(item);
      if (batch.length < BATCH) continue;
      erased += await removeBatch(batch);
      batch = [];
    }
    erased += await removeBatch(batch);
    while (last.length > 0) erased += await removeBatch(last.splice(0, BATCH));
    return erased;
  }

  /** The followers who unsubscribed before a time (milliseconds) and have not come back. Reads the whole table. */
  async function* unsubscribed(before: number): AsyncGenerator<string> {
    const seen = new Set<string>();
    for await (const { openid, kind } of scan('interactions')) {
      if (kind !== LEFT || seen.has(String(openid))) continue;
      seen.add(String(openid));
      if (await isUnsubscribed(String(openid), before)) yield String(openid);
    }
  }

  /** True if a follower unsubscribed and has shown no sign of following since. Messages sent to them do not count. */
  async function isUnsubscribed(openid: string, before: number): Promise<boolean> {
    let last: Act | undefined;
    for await (const act of read<Act>(openid, ['openid', 'created', 'received', 'direction', 'kind'])) {
      if ((act.kind === LEFT || mayShowFollowing(act)) && (last === undefined || isAfter(act, last))) last = act;
    }
    return last?.kind === LEFT && createTimeOf(last) * 1000 < before;
  }

  async function* read<T>(openid: string, attributes?: readonly string[]): AsyncGenerator<T> {
    const { ExpressionAttributeNames: names, ...projection } = attributes ? projected(attributes) : {};
    const question = {
      ...{ TableName: table, ConsistentRead: true, ...projection },
      KeyConditionExpression: '#openid = :openid',
      ExpressionAttributeNames: { ...names, '#openid': 'openid' },
      ExpressionAttributeValues: { ':openid': openid },
    };
    const pages = paginateQuery({ client: db, pageSize: PAGE }, question);
    for await (const { Items = [] } of pages) yield* Items as T[];
  }

  async function* everything(tables: readonly Table[]): AsyncGenerator<{ table: Table; item: Item }> {
    for (const table of tables) for await (const item of scan(table)) yield { table, item };
  }

  async function* scan(table: Table): AsyncGenerator<Item> {
    const pages = paginateScan({ client: db }, { TableName: tableNamed(table), ConsistentRead: true, Limit: PAGE });
    for await (const { Items = [] } of pages) yield* Items;
  }

  function keyOf(table: Table, item: Item): Record<string, unknown> {
    const schema = definitions[table]?.KeySchema ?? [];
    return Object.fromEntries(schema.map(({ AttributeName = '' }) => [AttributeName, item[AttributeName]]));
  }

  function hashesOf(openids: ReadonlySet<string>): ReadonlySet<string> {
    return new Set([...openids].flatMap((openid) => hashers.map(({ of }) => of(openid))));
  }

  /** Deletes a batch; unprocessed items are retried with exponential backoff. */
  async function removeBatch(items: readonly Deletable[]): Promise<number> {
    const moments = items.map((item) => receivedAtOf(item));
    const deletions = items.map(({ openid, created }) => ({ DeleteRequest: { Key: { openid, created } } }));
    await stale.around(moments, () =>
      untilDone(table, deletions, { pauses: PAUSES_MS, sleep }, async (left) => {
        const { UnprocessedItems } = await db.send(new BatchWriteCommand({ RequestItems: { [table]: left } }));
        return (UnprocessedItems?.[table] ?? []) as typeof left;
      }),
    );
    return items.length;
  }
}

const isOwn = (table: Table, { openid }: Item, openids: ReadonlySet<string>): boolean =>
  table === 'interactions' && openids.has(String(openid));

/** True if an item mentions one of the names, also in an unreadable delivery stored in base64. */
const mentions = (names: Names, item: Item): boolean =>
  names.isIn(item) || (item.kind === 'unreadable' && names.isIn(textOf(Object(item.details))));

const isFigures = (table: Table, item: Item): item is Item & StoredFigures & { day: string; hour: string } =>
  table === 'insights' && item.version !== undefined;

/** Orders by CreateTime, in seconds, then by the time of receipt. */
const isAfter = (act: Act, other: Act): boolean =>
  createTimeOf(act) === createTimeOf(other) ? act.received > other.received : createTimeOf(act) > createTimeOf(other);
