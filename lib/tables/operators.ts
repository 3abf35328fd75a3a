import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Permission } from '../auth/permissions.ts';
import { isDone } from './client.ts';
import { type Item, type Key, readTogether } from './read-together.ts';

/** A back-office account as it lies in the table. Who is an administrator is written elsewhere, in one set. */
export type StoredOperator = {
  /** 3–32 of `a-z0-9._-`. */
  readonly username: string;
  readonly display_name: string;
  /** What `lib/auth/passwords.ts` made of it; never the password. */
  readonly password: string;
  readonly permissions: readonly Permission[];
  readonly disabled: boolean;
  /** A token counts while it carries this number. */
  readonly session: number;
  /** ISO 8601, UTC. */
  readonly created_at: string;
};

export type OperatorChange = {
  readonly permissions?: readonly Permission[] | undefined;
  readonly disabled?: boolean | undefined;
  readonly display_name?: string | undefined;
  readonly password?: string | undefined;
};

/**
 * What the actor saw when their right to act was checked: if it is no longer so, nothing is written. `administrator:
 * false` means that they must not have become one meanwhile.
 */
export type Seen = Partial<Pick<StoredOperator, 'permissions' | 'session'>> & { readonly administrator?: boolean };

export type OperatorsTable = ReturnType<typeof operatorsTable>;

const OPERATOR = 'operator';
const ADMINISTRATORS: Key = { pk: 'administrators', sk: '-' };

const isNew = 'attribute_not_exists(pk)';
const isThere = 'attribute_exists(pk)';
const isEnabled = 'disabled = :false';
/** The mark that an administrator's own item carries, so that one condition can ask about both. */
const isNotMarked = 'attribute_not_exists(administrator)';
const isAdministratorAndNotTheLast = 'contains(#names, :me) AND size(#names) > :one';

/** The questions asked of the operators table. Every read is consistent: what is taken away ends with the next request. */
export function operatorsTable(db: DynamoDBDocumentClient, table: string) {
  const administrators = async (): Promise<Set<string>> => {
    const { Item } = await db.send(new GetCommand({ TableName: table, Key: ADMINISTRATORS, ConsistentRead: true }));
    return namesIn(Item);
  };

  const update = (username: string, fields: Item, endsSessions: boolean, seen: Seen) =>
    isDone(
      db.send(new UpdateCommand({ TableName: table, Key: keyOf(username), ...updateOf(fields, endsSessions, seen) })),
    );

  return {
    /** The operator and whether they are an administrator, in one read. */
    async byUsername(username: string): Promise<{ operator: StoredOperator; administrator: boolean } | undefined> {
      const items = await readTogether(db, table, [keyOf(username), ADMINISTRATORS]);
      const item = items.find(({ pk }) => pk === OPERATOR);
      const names = namesIn(items.find(({ pk }) => pk === ADMINISTRATORS.pk));
      return item && { operator: operatorIn(item), administrator: names.has(username) };
    },

    /** In order of username; `after` is the last name of the page before, absent on the last page. */
    async list({ limit, after }: { limit: number; after?: string | undefined }): Promise<{
      operators: StoredOperator[];
      after?: string;
    }> {
      const { Items = [], LastEvaluatedKey } = await db.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :operator',
          ExpressionAttributeValues: { ':operator': OPERATOR },
          Limit: limit,
          ...(after !== undefined && { ExclusiveStartKey: keyOf(after) }),
        }),
      );
      return { operators: Items.map(operatorIn), ...(LastEvaluatedKey && { after: String(LastEvaluatedKey.sk) }) };
    },

    administrators,

    /** False when the name is taken. */
    create: (operator: StoredOperator): Promise<boolean> =>
      isDone(
        db.send(
          new PutCommand({
            TableName: table,
            Item: { ...keyOf(operator.username), ...operator },
            ConditionExpression: isNew,
          }),
        ),
      ),

    /**
     * All of it, or nothing and false when the operator is gone or no longer as seen. Disabling and a new password end
     * their sessions.
     */
    change: (username: string, change: OperatorChange, seen: Seen = {}): Promise<boolean> =>
      update(username, { ...change }, change.disabled === true || change.password !== undefined, seen),

    /** False when the operator is gone. */
    endSessions: (username: string): Promise<boolean> => update(username, {}, true, {}),

    /** An administrator leaves the administrators first. False when the operator is gone or no longer as seen. */
    remove: (username: string, seen?: Seen): Promise<boolean> =>
      isDone(
        db.send(
          new DeleteCommand({
            TableName: table,
            Key: keyOf(username),
            ...asSeen(seen),
          }),
        ),
      ),

    /** Marks the operator's own item before the name enters the set. False when the operator is gone or disabled. */
    async makeAdministrator(username: string): Promise<boolean> {
      const isMarked = await isDone(
        db.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(username),
            UpdateExpression: 'SET administrator = :true',
            ConditionExpression: `${isThere} AND ${isEnabled}`,
            ExpressionAttributeValues: { ':true': true, ':false': false },
          }),
        ),
      );
      if (!isMarked) return false;
      await db.send(
        new UpdateCommand({
          TableName: table,
          Key: ADMINISTRATORS,
          UpdateExpression: 'ADD #names :me',
          ExpressionAttributeNames: { '#names': 'names' },
          ExpressionAttributeValues: { ':me': new Set([username]) },
        }),
      );
      return true;
    },

    /** Done before an administrator is disabled or removed. False for the last one, however many leave at once. */
    async leaveAdministrators(username: string): Promise<boolean> {
      const left = await isDone(
        db.send(
          new UpdateCommand({
            TableName: table,
            Key: ADMINISTRATORS,
            UpdateExpression: 'DELETE #names :set',
            ConditionExpression: isAdministratorAndNotTheLast,
            ExpressionAttributeNames: { '#names': 'names' },
            ExpressionAttributeValues: { ':set': new Set([username]), ':me': username, ':one': 1 },
          }),
        ),
      );
      if (!left && (await administrators()).has(username)) return false;
      await isDone(
        db.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(username),
            UpdateExpression: 'REMOVE administrator',
            ConditionExpression: isThere,
          }),
        ),
      );
      return true;
    },
  };
}

const keyOf = (username: string): Key => ({ pk: OPERATOR, sk: username });

/** Sets the fields; the session number grows by one or by nothing, so that there is always something to set. */
function updateOf(fields: Item, endsSessions: boolean, seen: Seen) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const condition = asSeen(seen);
  return {
    ...condition,
    UpdateExpression: ['SET #session = #session + :ended', ...given.map(([name]) => `#${name} = :${name}`)].join(', '),
    ExpressionAttributeNames: {
      '#session': 'session',
      ...Object.fromEntries(given.map(([name]) => [`#${name}`, name])),
      ...condition.ExpressionAttributeNames,
    },
    ExpressionAttributeValues: {
      ':ended': endsSessions ? 1 : 0,
      ...Object.fromEntries(given.map(([name, value]) => [`:${name}`, value])),
      ...condition.ExpressionAttributeValues,
    },
  };
}

/** The operator is there and as seen. Engines differ on `=` between lists, so each permission is looked for. */
function asSeen({ permissions, session, administrator }: Seen = {}) {
  const held = permissions?.map((permission, at) => [`:held${at}`, permission]) ?? [];
  const conditions = [isThere, ...held.map(([value]) => `contains(#permissions, ${value})`)];
  if (permissions !== undefined) conditions.push('size(#permissions) = :count');
  if (session !== undefined) conditions.push('#session = :session');
  if (administrator === false) conditions.push(isNotMarked);
  const names = {
    ...(permissions !== undefined && { '#permissions': 'permissions' }),
    ...(session !== undefined && { '#session': 'session' }),
  };
  const values = {
    ...Object.fromEntries(held),
    ...(permissions !== undefined && { ':count': held.length }),
    ...(session !== undefined && { ':session': session }),
  };
  return {
    ConditionExpression: conditions.join(' AND '),
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names, ExpressionAttributeValues: values }),
  };
}

function operatorIn(item: Item): StoredOperator {
  const { pk: _pk, sk: _sk, administrator: _administrator, ...operator } = item;
  return operator as StoredOperator;
}

const namesIn = (item: Item | undefined): Set<string> =>
  item?.names instanceof Set ? new Set([...item.names].map(String)) : new Set();
