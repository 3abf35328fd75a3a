import { ruleCompiler } from './compile.ts';
import { LIMITS } from './limits.ts';
import type { ReplyRule } from './rule.ts';

/** The cost of one rule. */
type Cost = { readonly rule: ReplyRule; readonly cost: number };

const MOST_NAMED = 5;

/** The most steps that compiling and evaluating a list cost. Disabled rules cost none. */
export const stepsOf = async (rules: readonly ReplyRule[]): Promise<number> => total(await stepsOfEach(rules));

/** The result of checking a list of rules against the budget; if it is exceeded, `detail` names the costliest. */
export type BudgetCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'TOO_MANY_BYTES' | 'TOO_MANY_STEPS'; readonly detail: string };

/** Checks that a list may replace another. A list that is over a budget already may be replaced by a cheaper one. */
export async function checkBudget(before: readonly ReplyRule[], after: readonly ReplyRule[]): Promise<BudgetCheck> {
  const bytes = excess(bytesOfEach(before), bytesOfEach(after), LIMITS.list_bytes, 'bytes');
  if (bytes !== undefined) return { ok: false, code: 'TOO_MANY_BYTES', detail: bytes };
  const steps = excess(await stepsOfEach(before), await stepsOfEach(after), LIMITS.steps, 'steps');
  return steps === undefined ? { ok: true } : { ok: false, code: 'TOO_MANY_STEPS', detail: steps };
}

function excess(before: readonly Cost[], after: readonly Cost[], most: number, unit: string): string | undefined {
  const sum = total(after);
  if (sum <= most || sum < total(before)) return undefined;
  const costliest = [...after].sort((one, other) => other.cost - one.cost).slice(0, MOST_NAMED);
  const named = costliest.map(({ rule: { id, name }, cost }) => `"${name}" (${id}) ${cost}`).join(', ');
  return `the rules take ${sum} ${unit}, at most ${most}; the costliest: ${named}`;
}

const compile = ruleCompiler();

async function stepsOfEach(rules: readonly ReplyRule[]): Promise<Cost[]> {
  return (await compile(rules)).map(({ rule, steps }) => ({ rule, cost: steps }));
}

const bytesOfEach = (rules: readonly ReplyRule[]): Cost[] =>
  rules.map((rule) => ({ rule, cost: Buffer.byteLength(JSON.stringify(rule)) }));

const total = (costs: readonly Cost[]): number => costs.reduce((sum, { cost }) => sum + cost, 0);
