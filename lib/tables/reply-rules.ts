import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { get, put, remove, type Table } from '../aws/dynamodb.ts';
import { log } from '../platform/log.ts';
import { text } from '../platform/read.ts';
import type { ReplyRule } from '../replies/rules/rule.ts';
import { ruleIn } from '../replies/rules/stored.ts';

export type ReplyRulesTable = ReturnType<typeof replyRulesTable>;

type Item = Readonly<Record<string, unknown>>;

const RULES = { pk: 'rules' };
/** In a partition of its own, which every process of the webhook reads all the time. */
const VERSION = { pk: 'version', id: 'version' };

const isNew = 'attribute_not_exists(id)';
const isThere = 'attribute_exists(id)';

/**
 * The questions asked of the reply rules. All are one item collection; every read of them is consistent. Each change
 * makes the version another one before and after it: whoever reads the version and then the rules notices by the later
 * one, and by the earlier one too if the process that changes them dies in between, unless they read just then.
 */
export function replyRulesTable(db: DynamoDBDocumentClient, name: string) {
  const table = { db, name };
  return {
    version: (signal: AbortSignal) => version(table, signal),
    all: (signal?: AbortSignal) => all(table, signal),
    byId: (id: string) => byId(table, id),
    create: (rule: ReplyRule) => putRule(table, rule, isNew),
    replace: (rule: ReplyRule) => putRule(table, rule, isThere),
    remove: (id: string) => removeRule(table, id),
  };
}

/** The version, eventually consistent; undefined while no rule was ever changed. */
async function version(table: Table, signal: AbortSignal): Promise<string | undefined> {
  return text((await get(table, VERSION, { signal, consistent: false }))?.version);
}

/** Every rule that can be read, in no order. Ends early, with an error, when the signal says so. */
async function all({ db, name }: Table, abortSignal?: AbortSignal): Promise<ReplyRule[]> {
  const rules: ReplyRule[] = [];
  let next: Item | undefined;
  do {
    const query = new QueryCommand({
      TableName: name,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :rules',
      ExpressionAttributeValues: { ':rules': RULES.pk },
      ...(next && { ExclusiveStartKey: next }),
    });
    const { Items = [], LastEvaluatedKey } = await db.send(query, abortSignal ? { abortSignal } : {});
    rules.push(...Items.flatMap((item) => readOrLogged(item) ?? []));
    next = LastEvaluatedKey;
  } while (next !== undefined);
  return rules;
}

async function byId(table: Table, id: string): Promise<ReplyRule | undefined> {
  const item = await get(table, { ...RULES, id });
  return item && readOrLogged(item);
}

/** A rule that cannot be read takes no other with it. */
function readOrLogged(item: Item): ReplyRule | undefined {
  const rule = ruleIn(item);
  if (rule === undefined) log.error('a reply rule could not be read', { rule: item.id });
  return rule;
}

/** A new rule: false when there is one of its id. In place of another, the last write wins: false when that is gone. */
const putRule = (table: Table, rule: ReplyRule, ConditionExpression: string): Promise<boolean> =>
  changing(table, () => put(table, { Item: { ...RULES, ...rule }, ConditionExpression }));

/** False when there was none. */
const removeRule = (table: Table, id: string): Promise<boolean> =>
  changing(table, () => remove(table, { Key: { ...RULES, id }, ConditionExpression: isThere }));

/** A change that is done is not undone by the version: without it the webhook learns of it within five minutes. */
async function changing(table: Table, change: () => Promise<boolean>): Promise<boolean> {
  await renewVersion(table);
  const isChanged = await change();
  await renewVersion(table).catch((error: Error) => log.warn('a rule is in force late', { error: error.name }));
  return isChanged;
}

const renewVersion = (table: Table): Promise<unknown> => put(table, { Item: { ...VERSION, version: randomUUID() } });
