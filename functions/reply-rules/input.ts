import type { Checked } from '../../lib/contract/issues.ts';
import { badInput, badParameter } from '../../lib/http/error.ts';
import { type NewRule, readDraft } from '../../lib/replies/rules/draft.ts';
import { readRuleTest, type TestInput } from '../../lib/replies/rules/rule-test.ts';
import type { Draft, RuleTest } from '../../lib/replies/rules/shape.ts';

/** The input of the routes. */

export const newRule = async (draft: object): Promise<NewRule> => valueIn(await readDraft(draft));

/** A rule that replaces another; its `id` may be that rule's. */
export async function replacement(draft: Draft, id: string | undefined): Promise<NewRule> {
  if (draft.id !== undefined && draft.id !== id) throw badParameter('id', 'must be equal to that in the path');
  return newRule(draft);
}

export const ruleTest = (input: RuleTest, now: number): TestInput => valueIn(readRuleTest(input, now));

function valueIn<T>(read: Checked<T>): T {
  if (read.ok) return read.value;
  throw badInput(read.issues, read.count);
}
