import { COMPARISON_RULE } from '../../lib/replies/rules/comparing.ts';
import { ruleCompiler } from '../../lib/replies/rules/compile.ts';
import { decideByRules } from '../../lib/replies/rules/decide.ts';
import { type TextSource, textSourceOf } from '../../lib/replies/rules/match-context.ts';
import { byPosition } from '../../lib/replies/rules/position.ts';
import { type Unreachable, unreachable } from '../../lib/replies/rules/reachability.ts';
import type { Named } from '../../lib/replies/rules/rule.ts';
import type { TestInput } from '../../lib/replies/rules/trial.ts';
import type { ReplyRulesTable } from '../../lib/tables/reply-rules.ts';
import type { Reply } from '../../lib/wechat/callback/passive-reply.ts';

export type Ports = {
  readonly rules: ReplyRulesTable;
  readonly now: () => number;
  readonly random: () => number;
};

/** What became of a trial. */
type Outcome = {
  /** The rule that answers; null when none applies. */
  readonly rule: Named | null;
  readonly reply: Reply | null;
  /** The rules before it, and why each did not answer. */
  readonly passed: readonly (Named & { readonly why: string })[];
  readonly unreachable: readonly Unreachable[];
  /** Where the text was read from: a text message's content, what a voice message says, or null: nowhere. */
  readonly text_from: TextSource | null;
  /** How many steps deciding took. */
  readonly steps: number;
  /** The rule at which that was more than it may: the webhook gives no reply then. */
  readonly over_budget_at?: Named;
  readonly comparison: string;
};

/** Asks the rules as the webhook does, by the same function, as they are at this moment. */
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
