import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { Item } from '../aws/batch-get.ts';
import { put, type Table, update } from '../aws/dynamodb.ts';

/**
 * `changes`: each call by an operator that changed something, or was refused. `reads`: who looked at whose data, once
 * an hour. `sign-ins`: those that failed, by name and hour.
 */
export type AuditKind = 'changes' | 'reads' | 'sign-ins';

const WHERE_FROM = { request_id: v.string(), address: v.string() };

/** Holds no secret and no text of a message. */
const Change = v.object({
  operator: v.string(),
  /** The route as API Gateway spells it, without the base path: `PUT /cgi-bin/user/remark`. */
  action: v.string(),
  /** The subject of the action: an openid, the id of a tag, a username. */
  target: v.exactOptional(v.string()),
  /** The openids it concerned, where one call concerns many: the first of them, and how many there were. */
  followers: v.exactOptional(v.pipe(v.array(v.string()), v.readonly())),
  followers_total: v.exactOptional(v.number()),
  /** The fields it named, where a change may name some of many. */
  fields: v.exactOptional(v.pipe(v.array(v.string()), v.readonly())),
  /** The result of the call. */
  status: v.number(),
  errcode: v.number(),
  ...WHERE_FROM,
});

/** `target` is an openid or the id of a tag, absent where a route lists everyone. The first such read of an hour. */
const Read = v.object({ operator: v.string(), action: v.string(), target: v.exactOptional(v.string()), ...WHERE_FROM });

/** `operator` is the name that was tried, absent for names that nobody has: people type passwords there. */
const SignIns = v.object({
  operator: v.exactOptional(v.string()),
  action: v.string(),
  attempts: v.number(),
  /** The networks they came from, at most ten. */
  addresses: v.pipe(
    v.set(v.string()),
    v.transform((networks) => [...networks].sort()),
    v.readonly(),
  ),
});

const SHAPES = { changes: Change, reads: Read, 'sign-ins': SignIns } as const satisfies Record<AuditKind, unknown>;

/** `at` is a moment in milliseconds: of the call, or the beginning of the hour. */
type At<T> = Readonly<T> & { readonly at: number };
export type AuditEntry = At<v.InferOutput<typeof Change>>;
export type AuditRead = At<v.InferOutput<typeof Read>>;
export type FailedSignIn = {
  readonly at: number;
  readonly operator: string | undefined;
  readonly action: string;
  readonly network: string;
};

/** An entry as it is read. */
export type StoredEntry<K extends AuditKind> = At<v.InferOutput<(typeof SHAPES)[K]>>;

export type AuditTableQuery<K extends AuditKind = AuditKind> = {
  readonly kind?: K | undefined;
  /** The first moment, in milliseconds. */
  readonly from: number;
  /** Entries before this moment or, to read on, behind the place where a page ended. */
  readonly before: number | string;
  readonly operator?: string | undefined;
  readonly action?: string | undefined;
  readonly limit: number;
};

/** `before` is where to read on, absent at the end; until then a page may be short or empty. */
export type AuditPage<K extends AuditKind = 'changes'> = {
  readonly entries: readonly StoredEntry<K>[];
  readonly before?: string;
};

export type AuditTable = ReturnType<typeof auditTable>;

/** The most that one call reads; then it returns what it has. */
const MOST_ITEMS = 2_000;
const MOST_QUERIES = 200;

const HOUR_MS = 60 * 60 * 1_000;
/** The retention of reads and failed sign-ins. Changes are stored for ever. */
const TRACES_MS = 90 * 24 * HOUR_MS;
const MOST_ADDRESSES = 10;
/** Reads that a process remembers to have written. */
const MOST_WRITTEN = 1_000;

const IS_NEW = 'attribute_not_exists(#at)';
const HAS_ROOM = 'attribute_not_exists(addresses) OR size(addresses) < :most OR contains(addresses, :network)';
const NAMES = { '#at': 'at' };

type AuditDeps = { readonly newId?: () => string; readonly now?: () => number };

/**
 * Entries are appended and read. The functions that append may only put items; the key of a change ends in 122 random
 * bits which they cannot read, so that one cannot replace what another wrote (IAM itself cannot forbid it). `login` may
 * also update the partitions of sign-ins.
 */
export function auditTable(
  db: DynamoDBDocumentClient,
  name: string,
  { newId = randomUUID, now = Date.now }: AuditDeps = {},
) {
  const table = { db, name };
  const written = new Set<string>();
  return {
    append: (entry: AuditEntry) => append(table, entry, newId()),
    appendRead: (read: AuditRead) => appendRead(table, read, written),
    countFailedSignIn: (failed: FailedSignIn) => countFailedSignIn(table, failed),
    newestFirst: <K extends AuditKind = 'changes'>(question: AuditTableQuery<K>) => newestFirst(table, question, now()),
  };
}

/** A key that exists is this very entry, sent again by the SDK after an answer was lost. */
async function append(table: Table, { at, ...entry }: AuditEntry, id: string): Promise<void> {
  const key = keyOf('changes', instantOf(at), id);
  await put(table, { Item: { ...entry, ...key }, ConditionExpression: IS_NEW, ExpressionAttributeNames: NAMES });
}

/** Writes the first read of its kind in an hour; further ones are not even sent, as far as the process remembers. */
async function appendRead(table: Table, { at, ...read }: AuditRead, written: Set<string>): Promise<void> {
  const key = readKey({ at, ...read });
  if (written.has(key.at)) return;
  const Item = { ...read, ...key, expires_at: expiryOf(at) };
  await put(table, { Item, ConditionExpression: IS_NEW, ExpressionAttributeNames: NAMES });
  if (written.size >= MOST_WRITTEN) written.clear();
  written.add(key.at);
}

/** One item for a name and hour, however many there are. */
async function countFailedSignIn(table: Table, { at, operator, action, network }: FailedSignIn): Promise<void> {
  const Key = keyOf('sign-ins', hourOf(at), [action, operator ?? ''].join(' '));
  const names = { '#action': 'action', ...(operator && { '#operator': 'operator' }) };
  const set = `SET #action = :action, expires_at = :expires_at${operator ? ', #operator = :operator' : ''}`;
  const values = {
    ':action': action,
    ':expires_at': expiryOf(at),
    ':one': 1,
    ...(operator && { ':operator': operator }),
  };
  const isWritten = await update(table, {
    Key,
    UpdateExpression: `${set} ADD attempts :one, addresses :networks`,
    ConditionExpression: HAS_ROOM,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: {
      ...values,
      ':networks': new Set([network]),
      ':network': network,
      ':most': MOST_ADDRESSES,
    },
  });
  if (isWritten) return;
  await update(table, {
    Key,
    UpdateExpression: `${set} ADD attempts :one`,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  });
}

/** The entries between two times, newest first, across months. */
async function newestFirst<K extends AuditKind>(
  table: Table,
  { kind = 'changes' as K, from, before, limit, ...filter }: AuditTableQuery<K>,
  now: number,
): Promise<AuditPage<K>> {
  const first = kind === 'changes' ? instantOf(from) : hourOf(from);
  const entries: StoredEntry<K>[] = [];
  let place = typeof before === 'number' ? instantOf(before) : before;
  let unread = MOST_ITEMS;
  for (let queries = 0; queries < MOST_QUERIES && unread > 0 && entries.length < limit; queries++) {
    if (place <= first) return { entries };
    const wanted = limit - entries.length;
    const part = { kind, first, place, limit: hasFilter(filter) ? unread : wanted };
    const read = await readMonth(table, part);
    const found = read.items.filter((item) => !isExpired(item, now) && isAsked(item, filter)).slice(0, wanted);
    entries.push(...found.map((item) => entryIn(kind, item)));
    unread -= read.items.length;
    place = (found.length === wanted && found.at(-1)?.at) || read.place;
  }
  return { entries, before: place };
}

type Part = { readonly kind: AuditKind; readonly first: string; readonly place: string; readonly limit: number };
type Keyed = Item & { readonly at: string };

/** The entries between two places, newest first, in the month of the later one, and the place where reading stopped. */
async function readMonth(
  { db, name }: Table,
  { kind, first, place, limit }: Part,
): Promise<{ items: Keyed[]; place: string }> {
  const month = monthBefore(place);
  const partition = partitionOf(kind, month);
  const { Items = [], LastEvaluatedKey } = await db.send(
    new QueryCommand({
      TableName: name,
      ConsistentRead: true,
      KeyConditionExpression: '#month = :month AND #at BETWEEN :first AND :place',
      ExpressionAttributeNames: { '#month': 'month', '#at': 'at' },
      ExpressionAttributeValues: { ':month': partition, ':first': first, ':place': place },
      ScanIndexForward: false,
      Limit: limit,
      ...(isKey(place) && { ExclusiveStartKey: { month: partition, at: place } }),
    }),
  );
  return {
    items: Items.map((item) => ({ ...item, at: String(item.at) })),
    place: LastEvaluatedKey ? String(LastEvaluatedKey.at) : `${month}-01T00:00:00.000Z`,
  };
}

const instantOf = (ms: number): string => new Date(ms).toISOString();

const hourOf = (ms: number): string => instantOf(ms - (ms % HOUR_MS));

const expiryOf = (ms: number): number => Math.floor((ms + TRACES_MS) / 1_000);

/** The partition of a month (`2026-11`). Changes have the bare month; what expires has partitions of its own. */
const partitionOf = (kind: AuditKind, month: string): string => (kind === 'changes' ? month : `${kind}#${month}`);

const keyOf = (kind: AuditKind, instant: string, id: string) => ({
  month: partitionOf(kind, monthOf(instant)),
  at: `${instant}#${id}`,
});

/** The key of a read: the same for every such read of the hour. `target` may be an openid, so the key may hold one. */
const readKey = ({ at, operator, action, target = '' }: Omit<AuditRead, 'request_id' | 'address'>) =>
  keyOf('reads', hourOf(at), [operator, action, target].join(' '));

const monthOf = (instant: string): string => instant.slice(0, 'yyyy-mm'.length);

/** A place is a moment, or the key of an entry: its moment, `#`, its id. Nothing has the key of a bare moment. */
const isKey = (place: string): boolean => place.includes('#');

const monthBefore = (place: string): string => monthOf(isKey(place) ? place : instantOf(Date.parse(place) - 1));

type Filter = Pick<AuditTableQuery, 'operator' | 'action'>;

const hasFilter = ({ operator, action }: Filter): boolean => operator !== undefined || action !== undefined;

const isAsked = (item: Item, { operator, action }: Filter): boolean =>
  (operator === undefined || item.operator === operator) && (action === undefined || item.action === action);

/** DynamoDB deletes an item up to days after it has expired. */
const isExpired = ({ expires_at = Number.POSITIVE_INFINITY }: Item, now: number): boolean =>
  Number(expires_at) * 1_000 <= now;

function entryIn<K extends AuditKind>(kind: K, { at, ...item }: Keyed): StoredEntry<K> {
  const shape: v.GenericSchema<unknown, v.InferOutput<(typeof SHAPES)[K]>> = SHAPES[kind];
  return { ...v.parse(shape, item), at: Date.parse(at.split('#')[0] ?? '') };
}
