import type { Delivery } from '../wechat/delivery.ts';
import { isRenderable, type Reply } from '../wechat/reply.ts';
import { type Asked, asking } from './asked.ts';
import type { CompiledRule } from './compile.ts';
import type { Named } from './rule.ts';

/** What the rules say to a delivery. */
export type Decided = {
  /** The rule that answers, also if it answers nothing; undefined when none applies. */
  readonly rule?: Named;
  readonly reply: Reply | null;
  /** Why each rule before it did not apply, in order. */
  readonly passed: readonly string[];
};

export const BROKEN = 'it cannot be evaluated: save it again';

/** The first enabled rule that applies answers. `now` is in milliseconds, `random` gives 0 ≤ number < 1. Never throws. */
export function decideByRules(
  rules: readonly CompiledRule[],
  delivery: Delivery,
  { now, random }: { readonly now: number; readonly random: () => number },
): Decided {
  const asked = asking(delivery, now);
  const passed: string[] = [];
  for (const compiled of rules) {
    const answered = ask(compiled, asked, random);
    if (typeof answered !== 'string') {
      const { id, name } = compiled.rule;
      return { rule: { id, name }, reply: answered, passed };
    }
    passed.push(answered);
  }
  return { reply: null, passed };
}

/** The rule's reply, or why it does not apply. */
function ask({ whyNot, answer }: CompiledRule, asked: Asked, random: () => number): Reply | null | string {
  try {
    const why = whyNot(asked);
    if (why !== undefined) return why;
    const reply = answer(asked, random);
    return reply === null || isRenderable(reply) ? reply : BROKEN;
  } catch {
    return BROKEN;
  }
}
