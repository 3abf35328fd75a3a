import { hasCode } from '../../platform/error.ts';
import { isRenderable, type Reply } from '../../wechat/callback/passive-reply.ts';
import type { Delivery } from '../../wechat/deliveries/delivery.ts';
import type { CompiledRule } from './compile.ts';
import { type MatchContext, matchContext } from './match-context.ts';
import type { RuleName } from './rule.ts';
import { STEPS, stepCounter } from './steps.ts';

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
      if (outcome.applies) return { rule: { id, name }, reply: outcome.reply, passed, steps: counter.spent() };
      passed.push(outcome.why);
    } catch (error) {
      if (!hasCode(error, 'OVER_BUDGET')) throw error;
      return { reply: null, passed, steps: counter.spent(), over_budget_at: { id, name } };
    }
  }
  return { reply: null, passed, steps: counter.spent() };
}

type Evaluated =
  | { readonly applies: true; readonly reply: Reply | null }
  | { readonly applies: false; readonly why: string };

const BROKEN = { applies: false, why: 'the rule cannot be evaluated: save it again' } as const;

/**
 * The rule's reply, or the reason why it does not apply.
 * @throws AppError OVER_BUDGET
 */
function evaluate({ match, action }: CompiledRule, context: MatchContext, random: () => number): Evaluated {
  try {
    context.spend(STEPS.rule);
    const matched = match(context);
    if (!matched.applies) return matched;
    const reply = action(context, random);
    return reply === null || isRenderable(reply) ? { applies: true, reply } : BROKEN;
  } catch (error) {
    if (hasCode(error, 'OVER_BUDGET')) throw error;
    return BROKEN;
  }
}
