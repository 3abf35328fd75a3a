import { COMPARISON_RULE } from '../../lib/replies/rules/comparing.ts';
import { ruleCompiler } from '../../lib/replies/rules/compile.ts';
import { decideByRules } from '../../lib/replies/rules/decide.ts';
import { type TextSource, textSourceOf } from '../../lib/replies/rules/match-context.ts';
import { byPosition } from '../../lib/replies/rules/position.ts';
import { type Unreachable, unreachable } from '../../lib/replies/rules/reachability.ts';
import type { RuleName } from '../../lib/replies/rules/rule.ts';
import type { TestInput } from '../../lib/replies/rules/rule-test.ts';
import type { ReplyRulesTable } from '../../lib/tables/reply-rules.ts';
import type { Reply } from '../../lib/wechat/callback/passive-reply.ts';

export type Ports = {
  readonly rules: ReplyRulesTable;
  readonly now: () => number;
  readonly random: () => number;
};

/** The response of a rule test. */
type Outcome = {
  /** The rule that applies; null if none does. */
  readonly rule: RuleName | null;
  readonly reply: Reply | null;
  /** The rules before it, and the reason why each did not apply. */
  readonly passed: readonly (RuleName & { readonly why: string })[];
  readonly unreachable: readonly Unreachable[];
  /** The source of the text: a text message's content, a voice message's recognition, or null if there is none. */
  readonly text_from: TextSource | null;
  /** The steps spent. */
  readonly steps: number;
  /** The rule at which the budget of steps was exceeded: then the webhook does not reply. */
  readonly over_budget_at?: RuleName;
  readonly comparison: string;
};

/** Evaluates the current rules with the webhook's own function. */
export async function testRules(
  { rules, random }: Pick<Ports, 'rules' | 'random'>,
  { delivery, now }: TestInput,
): Promise<Outcome> {
  const list = (await rules.all()).sort(byPosition);
  const compiled = await ruleCompiler()(list);
  const broken = new Set(compiled.filter(({ isBroken }) => isBroken).map(({ rule }) => rule));
  const { rule = null, passed, ...decided } = decideByRules(compiled, delivery, { now, random });
  return {
    rule,
    ...decided,
    passed: passed.map((why, index) => ({ id: list[index]?.id ?? '', name: list[index]?.name ?? '', why })),
    unreachable: unreachable(list, (rule) => broken.has(rule)),
    text_from: textSourceOf(delivery) ?? null,
    comparison: COMPARISON_RULE,
  };
}
