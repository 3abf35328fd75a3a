import { randomUUID } from 'node:crypto';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { conditionMet } from '../aws/dynamodb.ts';
import { log } from '../platform/log.ts';
import type { ReplyRule } from '../replies/rules/rule.ts';

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
export function replyRulesTable(db: DynamoDBDocumentClient, table: string) {
  const put = (rule: ReplyRule, ConditionExpression: string) =>
    changing(() =>
      conditionMet(db.send(new PutCommand({ TableName: table, Item: { ...RULES, ...rule }, ConditionExpression }))),
    );

  const renewVersion = () => db.send(new PutCommand({ TableName: table, Item: { ...VERSION, version: randomUUID() } }));

  /** A change that is done is not undone by the version: without it the webhook learns of it within five minutes. */
  async function changing(change: () => Promise<boolean>): Promise<boolean> {
    await renewVersion();
    const isChanged = await change();
    await renewVersion().catch((error: Error) => log.warn('a rule is in force late', { error: error.name }));
    return isChanged;
  }

  return {
    /** The version, eventually consistent; undefined while no rule was ever changed. */
    async version(abortSignal: AbortSignal): Promise<string | undefined> {
      const { Item } = await db.send(new GetCommand({ TableName: table, Key: VERSION }), { abortSignal });
      return Item?.version;
    },

    /** Every rule, in no order. Ends early, with an error, when the signal says so. */
    async all(abortSignal?: AbortSignal): Promise<ReplyRule[]> {
      const rules: ReplyRule[] = [];
      let next: Item | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await db.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: 'pk = :rules',
            ExpressionAttributeValues: { ':rules': RULES.pk },
            ...(next && { ExclusiveStartKey: next }),
          }),
          abortSignal ? { abortSignal } : {},
        );
        rules.push(...Items.map(ruleIn));
        next = LastEvaluatedKey;
      } while (next !== undefined);
      return rules;
    },

    async byId(id: string): Promise<ReplyRule | undefined> {
      const { Item } = await db.send(new GetCommand({ TableName: table, Key: { ...RULES, id }, ConsistentRead: true }));
      return Item && ruleIn(Item);
    },

    /** False when there is a rule of this id. */
    create: (rule: ReplyRule): Promise<boolean> => put(rule, isNew),

    /** The last write wins. False when the rule is gone. */
    replace: (rule: ReplyRule): Promise<boolean> => put(rule, isThere),

    /** False when there was none. */
    remove: (id: string): Promise<boolean> =>
      changing(() =>
        conditionMet(
          db.send(new DeleteCommand({ TableName: table, Key: { ...RULES, id }, ConditionExpression: isThere })),
        ),
      ),
  };
}

function ruleIn({ pk: _pk, ...rule }: Item): ReplyRule {
  return rule as unknown as ReplyRule;
}
