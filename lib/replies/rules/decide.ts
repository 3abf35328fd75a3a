import { isRenderable, type Reply } from '../../wechat/callback/passive-reply.ts';
import type { Delivery } from '../../wechat/deliveries/delivery.ts';
import type { CompiledRule } from './compile.ts';
import { type MatchContext, matchContext } from './match-context.ts';
import type { RuleName } from './rule.ts';
import { OverBudget, STEPS, stepCounter } from './steps.ts';

/** The outcome of the rules for a delivery. */
export type Decided = {
  /** The rule that applies, also if its action is silence; undefined if none does. */
  readonly rule?: RuleName;
  readonly reply: Reply | null;
  /** The reason why each rule before it did not apply, in order. */
  readonly passed: readonly string[];
  /** The steps spent. */
  readonly steps: number;
  /** The rule at which the budget of steps was exceeded; then there is no reply. */
  readonly over_budget_at?: RuleName;
};

const BROKEN = 'the rule cannot be evaluated: save it again';

/** Finds the first enabled rule that applies. `now` is in milliseconds, `random` returns 0 ≤ number < 1. Never throws. */
export function decideByRules(
  rules: readonly CompiledRule[],
  delivery: Delivery,
  { now, random }: { readonly now: number; readonly random: () => number },
): Decided {
  const counter = stepCounter();
  const context = matchContext(delivery, now, counter);
  const passed: string[] = [];
  for (const compiled of rules) {
    const { id, name } = compiled.rule;
    try {
      const outcome = evaluate(compiled, context, random);
      if (typeof outcome !== 'string') return { rule: { id, name }, reply: outcome, passed, steps: counter.spent() };
      passed.push(outcome);
    } catch (error) {
      if (!(error instanceof OverBudget)) throw error;
      return { reply: null, passed, steps: counter.spent(), over_budget_at: { id, name } };
    }
  }
  return { reply: null, passed, steps: counter.spent() };
}

/** The rule's reply, or the reason why it does not apply. @throws OverBudget */
function evaluate(
  { whyNot, action }: CompiledRule,
  context: MatchContext,
  random: () => number,
): Reply | null | string {
  try {
    context.spend(STEPS.rule);
    const why = whyNot(context);
    if (why !== undefined) return why;
    const reply = action(context, random);
    return reply === null || isRenderable(reply) ? reply : BROKEN;
  } catch (error) {
    if (error instanceof OverBudget) throw error;
    return BROKEN;
  }
}
