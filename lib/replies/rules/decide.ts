import { isRenderable, type Reply } from '../../wechat/callback/passive-reply.ts';
import type { Delivery } from '../../wechat/deliveries/delivery.ts';
import type { CompiledRule } from './compile.ts';
import { type MatchContext, matchContext } from './match-context.ts';
import type { Named } from './rule.ts';
import { OverBudget, STEPS, stepCounter } from './steps.ts';

/** What the rules say to a delivery. */
export type Decided = {
  /** The rule that answers, also if it answers nothing; undefined when none applies. */
  readonly rule?: Named;
  readonly reply: Reply | null;
  /** Why each rule before it did not apply, in order. */
  readonly passed: readonly string[];
  /** How many steps it took. */
  readonly steps: number;
  /** The rule at which it took more than it may: what the rules say is not known, and there is no reply. */
  readonly over_budget_at?: Named;
};

const BROKEN = 'the rule cannot be evaluated: save it again';

/** The first enabled rule that applies answers. `now` is in milliseconds, `random` gives 0 ≤ number < 1. Never throws. */
export function decideByRules(
  rules: readonly CompiledRule[],
  delivery: Delivery,
  { now, random }: { readonly now: number; readonly random: () => number },
): Decided {
  const counter = stepCounter();
  const asked = matchContext(delivery, now, counter);
  const passed: string[] = [];
  for (const compiled of rules) {
    const { id, name } = compiled.rule;
    try {
      const answered = ask(compiled, asked, random);
      if (typeof answered !== 'string') return { rule: { id, name }, reply: answered, passed, steps: counter.taken() };
      passed.push(answered);
    } catch (error) {
      if (!(error instanceof OverBudget)) throw error;
      return { reply: null, passed, steps: counter.taken(), over_budget_at: { id, name } };
    }
  }
  return { reply: null, passed, steps: counter.taken() };
}

/** The rule's reply, or why it does not apply. @throws OverBudget */
function ask({ whyNot, answer }: CompiledRule, asked: MatchContext, random: () => number): Reply | null | string {
  try {
    asked.take(STEPS.rule);
    const why = whyNot(asked);
    if (why !== undefined) return why;
    const reply = answer(asked, random);
    return reply === null || isRenderable(reply) ? reply : BROKEN;
  } catch (error) {
    if (error instanceof OverBudget) throw error;
    return BROKEN;
  }
}
