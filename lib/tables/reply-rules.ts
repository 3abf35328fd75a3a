import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import type { ReplyRule } from '../reply-rules/rule.ts';
import { isDone } from './client.ts';

export type ReplyRulesTable = ReturnType<typeof replyRulesTable>;

type Item = Readonly<Record<string, unknown>>;

const RULES = { pk: 'rules' };

const isNew = 'attribute_not_exists(id)';
const isThere = 'attribute_exists(id)';

/** The questions asked of the reply rules. All are one item collection; every read is consistent. */
export function replyRulesTable(db: DynamoDBDocumentClient, table: string) {
  const put = (rule: ReplyRule, ConditionExpression: string) =>
    isDone(db.send(new PutCommand({ TableName: table, Item: { ...RULES, ...rule }, ConditionExpression })));

  return {
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
      isDone(db.send(new DeleteCommand({ TableName: table, Key: { ...RULES, id }, ConditionExpression: isThere }))),
  };
}

function ruleIn({ pk: _pk, ...rule }: Item): ReplyRule {
  return rule as unknown as ReplyRule;
}
