import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { batchGet, type Item, type Key, projected } from '../aws/batch-get.ts';
import { put, remove, type Table, update } from '../aws/dynamodb.ts';
import { PERMISSIONS, type Permission } from '../operators/permissions.ts';

/** A permission that the service no longer knows is nobody's. */
const permissions = v.pipe(
  v.array(v.string()),
  v.transform((names) => names.filter((name): name is Permission => Object.hasOwn(PERMISSIONS, name))),
);

const ENTRIES = {
  /** 3–32 of `a-z0-9._-`. */
  username: v.string(),
  display_name: v.string(),
  permissions: v.pipe(permissions, v.readonly()),
  disabled: v.boolean(),
  /** The operator who disabled them and with what right; absent in older records. Meaningless if enabled. */
  disabled_by: v.optional(v.object({ username: v.string(), administrator: v.boolean() })),
  /** The operator who chose the password: the owner (default) or, until it is changed, another operator. */
  password_chosen_by: v.optional(v.string()),
  /** A token counts while it carries this number. */
  session: v.number(),
  /** ISO 8601, UTC. */
  created_at: v.optional(v.string(), ''),
};
const Stored = v.pipe(v.object(ENTRIES), v.readonly());

/** A back-office account as it lies in the table, but for its password. Who is an administrator is written in one set. */
export type StoredOperator = v.InferOutput<typeof Stored>;

/** With what `lib/operators/passwords.ts` made of the password; never the password. */
export type NewOperator = StoredOperator & { readonly password: string };

/** `administrator`: whether they are one. */
export type Found = { readonly operator: StoredOperator; readonly administrator: boolean };

type Changeable = 'permissions' | 'disabled' | 'disabled_by' | 'display_name' | 'password' | 'password_chosen_by';
export type OperatorChange = { readonly [Name in Changeable]?: NewOperator[Name] | undefined };

/**
 * The state on which the actor's authorization was based: if it has changed, nothing is written. `administrator:
 * false` means that they must not have become one meanwhile.
 */
export type Seen = Partial<Pick<StoredOperator, 'permissions' | 'session'>> & { readonly administrator?: boolean };

export type OperatorsTable = ReturnType<typeof operatorsTable>;

const OPERATOR = 'operator';
const ADMINISTRATORS: Key = { pk: 'administrators', sk: '-' };
const NAMES = 'names';

const IS_NEW = 'attribute_not_exists(pk)';
const IS_THERE = 'attribute_exists(pk)';
const IS_ENABLED = 'disabled = :false';
/** The mark that an administrator's own item carries, so that one condition can ask about both. */
const IS_NOT_MARKED = 'attribute_not_exists(administrator)';
const IS_ADMINISTRATOR_AND_NOT_THE_LAST = 'contains(#names, :me) AND size(#names) > :one';

/**
 * The operators. Every read is consistent: what is taken away ends with the next request. Only `withPassword` reads
 * a password's hash.
 */
export const operatorsTable = (db: DynamoDBDocumentClient, name: string) => {
  const table = { db, name };
  return {
    byUsername: (username: string) => byUsername(table, username),
    withPassword: (username: string) => withPassword(table, username),
    list: (page: Page) => list(table, page),
    administrators: () => administrators(table),
    create: (operator: NewOperator) => create(table, operator),
    change: (username: string, change: OperatorChange, seen: Seen = {}) =>
      changeOperator(table, username, change, seen),
    endSessions: (username: string) => endSessions(table, username),
    remove: (username: string, seen?: Seen) => removeOperator(table, username, seen),
    makeAdministrator: (username: string, seen?: Seen) => makeAdministrator(table, username, seen),
    leaveAdministrators: (username: string) => leaveAdministrators(table, username),
  };
};

/** The operator and whether they are an administrator, in one read. */
async function byUsername(table: Table, username: string): Promise<Found | undefined> {
  return (await read(table, username, SHOWN))?.found;
}

/** The same with the hash of their password, as they were at one moment. */
async function withPassword(table: Table, username: string): Promise<(Found & { password: string }) | undefined> {
  const { item, found } = (await read(table, username, [...SHOWN, 'password'])) ?? {};
  return found && { ...found, ...v.parse(v.object({ password: v.string() }), item) };
}

const SHOWN = Object.keys(ENTRIES);

async function read(table: Table, username: string, attributes: readonly string[]) {
  const items = await batchGet(table, [keyOf(username), ADMINISTRATORS], ['pk', NAMES, ...attributes]);
  const item = items.find(({ pk }) => pk === OPERATOR);
  const names = namesIn(items.find(({ pk }) => pk === ADMINISTRATORS.pk));
  return item && { item, found: { operator: operatorIn(item), administrator: names.has(username) } };
}

type Page = { readonly limit: number; readonly after?: string | undefined };

/** In order of username; `after` is the last name of the page before, absent on the last page. */
async function list(
  { db, name }: Table,
  { limit, after }: Page,
): Promise<{ operators: StoredOperator[]; after?: string }> {
  const { ExpressionAttributeNames, ProjectionExpression } = projected(SHOWN);
  const { Items = [], LastEvaluatedKey } = await db.send(
    new QueryCommand({
      TableName: name,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :operator',
      ExpressionAttributeValues: { ':operator': OPERATOR },
      ProjectionExpression,
      ExpressionAttributeNames,
      Limit: limit,
      ...(after !== undefined && { ExclusiveStartKey: keyOf(after) }),
    }),
  );
  return { operators: Items.map(operatorIn), ...(LastEvaluatedKey && { after: String(LastEvaluatedKey.sk) }) };
}

async function administrators({ db, name }: Table): Promise<Set<string>> {
  const { Item } = await db.send(new GetCommand({ TableName: name, Key: ADMINISTRATORS, ConsistentRead: true }));
  return namesIn(Item);
}

/** False when the name is taken. */
const create = (table: Table, operator: NewOperator): Promise<boolean> =>
  put(table, { Item: { ...keyOf(operator.username), ...operator }, ConditionExpression: IS_NEW });

/**
 * All of it, or nothing and false when the operator is gone or no longer as seen. Disabling and a new password end
 * their sessions.
 */
const changeOperator = (table: Table, username: string, change: OperatorChange, seen: Seen): Promise<boolean> =>
  setFields(table, username, change, { seen, endsSessions: change.disabled === true || change.password !== undefined });

/** False when the operator is gone. */
const endSessions = (table: Table, username: string): Promise<boolean> =>
  setFields(table, username, {}, { seen: {}, endsSessions: true });

/** An administrator leaves the administrators first. False when the operator is gone or no longer as seen. */
function removeOperator(table: Table, username: string, seen?: Seen): Promise<boolean> {
  const { conditions, names, values } = asSeen(seen);
  return remove(table, {
    Key: keyOf(username),
    ConditionExpression: conditions.join(' AND '),
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names, ExpressionAttributeValues: values }),
  });
}

/**
 * Ends the operator's sessions, and marks their own item, before the name enters the set. False when the operator is
 * gone, disabled or no longer as seen.
 */
async function makeAdministrator(table: Table, username: string, seen: Seen = {}): Promise<boolean> {
  const isMarked = await setFields(
    table,
    username,
    { administrator: true },
    { seen, endsSessions: true, isEnabled: true },
  );
  if (!isMarked) return false;
  await update(table, {
    Key: ADMINISTRATORS,
    UpdateExpression: 'ADD #names :me',
    ExpressionAttributeNames: { '#names': NAMES },
    ExpressionAttributeValues: { ':me': new Set([username]) },
  });
  return true;
}

/** Done before an administrator is disabled or removed. False for the last one, however many leave at once. */
async function leaveAdministrators(table: Table, username: string): Promise<boolean> {
  const left = await update(table, {
    Key: ADMINISTRATORS,
    UpdateExpression: 'DELETE #names :set',
    ConditionExpression: IS_ADMINISTRATOR_AND_NOT_THE_LAST,
    ExpressionAttributeNames: { '#names': NAMES },
    ExpressionAttributeValues: { ':set': new Set([username]), ':me': username, ':one': 1 },
  });
  if (!left && (await administrators(table)).has(username)) return false;
  await update(table, {
    Key: keyOf(username),
    UpdateExpression: 'REMOVE administrator',
    ConditionExpression: IS_THERE,
  });
  return true;
}

const keyOf = (username: string): Key => ({ pk: OPERATOR, sk: username });

type Write = { readonly seen: Seen; readonly endsSessions: boolean; readonly isEnabled?: boolean };

/** Sets the fields; the session number grows by one or by nothing, so that there is always something to set. */
function setFields(table: Table, username: string, fields: object, { seen, endsSessions, isEnabled }: Write) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const { conditions, names, values } = asSeen(seen);
  return update(table, {
    Key: keyOf(username),
    UpdateExpression: ['SET #session = #session + :ended', ...given.map(([name]) => `#${name} = :${name}`)].join(', '),
    ConditionExpression: [...conditions, ...(isEnabled ? [IS_ENABLED] : [])].join(' AND '),
    ExpressionAttributeNames: {
      '#session': 'session',
      ...Object.fromEntries(given.map(([name]) => [`#${name}`, name])),
      ...names,
    },
    ExpressionAttributeValues: {
      ':ended': endsSessions ? 1 : 0,
      ...(isEnabled && { ':false': false }),
      ...Object.fromEntries(given.map(([name, value]) => [`:${name}`, value])),
      ...values,
    },
  });
}

/**
 * The operator is there and as seen. Engines differ on `=` between lists, so each permission is looked for, and each
 * other one, too.
 */
function asSeen({ permissions, session, administrator }: Seen = {}) {
  const asked = permissions === undefined ? [] : Object.keys(PERMISSIONS);
  const isHeld = (name: string) => permissions?.some((held) => held === name);
  return {
    conditions: [
      IS_THERE,
      ...asked.map((name, at) => `${isHeld(name) ? '' : 'NOT '}contains(#permissions, :permission${at})`),
      ...(session === undefined ? [] : ['#session = :session']),
      ...(administrator === false ? [IS_NOT_MARKED] : []),
    ],
    names: {
      ...(permissions !== undefined && { '#permissions': 'permissions' }),
      ...(session !== undefined && { '#session': 'session' }),
    },
    values: {
      ...Object.fromEntries(asked.map((name, at) => [`:permission${at}`, name])),
      ...(session !== undefined && { ':session': session }),
    },
  };
}

/** A row of an earlier version has no display name. */
const operatorIn = (item: Item): StoredOperator => v.parse(Stored, { display_name: item.username, ...item });

const namesIn = (item: Item | undefined): Set<string> =>
  v.parse(v.object({ names: v.optional(v.set(v.string()), new Set()) }), item ?? {}).names;
