import { isRenderable, type Reply } from '../wechat/reply.ts';
import { compileAnswer } from './answer.ts';
import type { Asked } from './asked.ts';
import { compileCondition, type Patterns } from './condition.ts';
import type { Pattern } from './pattern.ts';
import type { ReplyRule } from './rule.ts';
import { DEFAULT_TIME_ZONE } from './wall-clock.ts';
import { whyClosed } from './window.ts';

/** A rule ready to be asked. */
export type CompiledRule = {
  readonly rule: ReplyRule;
  /** A pattern of it is none, or an answer is of a later version's types: whether it answers cannot be said. */
  readonly isBroken: boolean;
  /** Why the rule does not apply; undefined when it does. May throw, of a rule that an older version has saved. */
  readonly whyNot: (asked: Asked) => string | undefined;
  readonly answer: (asked: Asked, random: () => number) => Reply | null;
};

export const DISABLED = 'it is disabled';

/**
 * Compiles lists of rules. A pattern that the list before had too is not compiled again; the engine for patterns is
 * loaded when there is one.
 */
export function ruleCompiler(): (rules: readonly ReplyRule[]) => Promise<readonly CompiledRule[]> {
  let known: Patterns = new Map();
  return async (rules) => {
    known = await patternsOf(rules, known);
    return rules.map((rule) => compileRule(rule, known));
  };
}

function compileRule(rule: ReplyRule, patterns: Patterns): CompiledRule {
  const { window, enabled } = rule;
  const time_zone = window?.time_zone ?? DEFAULT_TIME_ZONE;
  const condition = compileCondition(rule.condition, patterns);
  const answer = compileAnswer(rule.answer, time_zone);
  return {
    rule,
    isBroken: patternSources(rule).some((source) => !patterns.has(source)) || !repliesOf(rule).every(isRenderable),
    whyNot(asked) {
      if (!enabled) return DISABLED;
      return condition.whyNot(asked) ?? (window && whyClosed(window, asked.wall(time_zone)));
    },
    answer: (asked, random) => answer(asked, () => condition.captures(asked), random),
  };
}

async function patternsOf(rules: readonly ReplyRule[], known: Patterns): Promise<Patterns> {
  const sources = new Set(rules.flatMap(patternSources));
  if (sources.size === 0) return new Map();
  const { compilePattern } = await import('./pattern.ts');
  const patterns = new Map<string, Pattern>();
  for (const source of sources) {
    try {
      patterns.set(source, known.get(source) ?? compilePattern(source));
    } catch {
      // The rules that need it say so when they are asked; the others answer.
    }
  }
  return patterns;
}

function repliesOf({ answer }: ReplyRule): readonly Reply[] {
  if (answer === null) return [];
  return answer.type === 'random' ? answer.replies : [answer];
}

function patternSources({ condition, enabled }: ReplyRule): string[] {
  if (!enabled || condition.type !== 'text') return [];
  return condition.any_of.filter(({ comparison }) => comparison === 'matches').map(({ value }) => value);
}
