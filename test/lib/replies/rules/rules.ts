import { ruleCompiler } from '../../../../lib/replies/rules/compile.ts';
import { type Decided, decideByRules } from '../../../../lib/replies/rules/decide.ts';
import type { ReplyRule } from '../../../../lib/replies/rules/rule.ts';
import type { Comparison, Condition } from '../../../../lib/replies/rules/shape.ts';
import type { Delivery } from '../../../../lib/wechat/deliveries/delivery.ts';

let rules = 0;

/** A rule that says its own name to everything, but for what a test is about. */
export function aRule(but: Partial<ReplyRule> = {}): ReplyRule {
  const id = but.id ?? `rule-${++rules}`;
  return {
    id,
    name: but.name ?? id,
    position: '500000',
    enabled: true,
    condition: { type: 'anything' },
    answer: { type: 'text', content: but.name ?? id },
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    ...but,
  };
}

/** A condition on text in short: `textIs('contains', '发票')`. */
export const textIs = (comparison: Comparison['comparison'], ...values: string[]): Condition => ({
  type: 'text',
  any_of: values.map((value) => ({ comparison, value })),
});

const ENVELOPE = { to: 'gh_demo00000001', from: 'oDemo0001', createTime: 1_767_225_600 };

export const message = (type: string, facts: object = {}): Delivery =>
  ({ ...ENVELOPE, type, id: '24300000000000001', ...facts }) as Delivery;

export const said = (content: string): Delivery => message('text', { content });

export const event = (name: string, facts: object = {}): Delivery =>
  ({ ...ENVELOPE, type: 'event', event: name, ...facts }) as Delivery;

/** 2026-01-01, 08:00 in Shanghai: a Thursday. */
export const NOW = Date.parse('2026-01-01T00:00:00Z');

export async function decide(
  list: readonly ReplyRule[],
  delivery: Delivery,
  { now = NOW, random = () => 0 } = {},
): Promise<Decided> {
  return decideByRules(await ruleCompiler()(list), delivery, { now, random });
}

/** What one rule says to a delivery: the text of its reply, or undefined if it says none. */
export async function saidBy(rule: ReplyRule, delivery: Delivery, at = {}): Promise<string | undefined> {
  const { reply } = await decide([rule], delivery, at);
  return reply?.type === 'text' ? reply.content : undefined;
}

/** How a cache reads rules that stay as they are. */
export const reading = (rules: readonly ReplyRule[]) => ({
  version: async () => 'one',
  list: async () => rules,
});

/** A test whose rules never take too many steps. */
export function overBudget({ id }: { id: string }): never {
  throw new Error(`rule ${id} is over the budget of steps`);
}
