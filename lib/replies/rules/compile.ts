import { isRenderable, type Reply } from '../../wechat/callback/passive-reply.ts';
import { compileAction } from './action.ts';
import { compileCondition, type Patterns } from './condition.ts';
import { LIMITS } from './limits.ts';
import type { MatchContext } from './match-context.ts';
import type { Pattern } from './pattern.ts';
import type { ReplyRule } from './rule.ts';
import { STEPS } from './steps.ts';
import { DEFAULT_TIME_ZONE } from './wall-clock.ts';
import { whyClosed } from './window.ts';

/** A rule ready to be asked. */
export type CompiledRule = {
  readonly rule: ReplyRule;
  /** A pattern of it is none, or an answer is of a later version's types: whether it answers cannot be said. */
  readonly isBroken: boolean;
  /** Why the rule does not apply; undefined when it does. May throw, of a rule that an older version has saved. */
  readonly whyNot: (asked: MatchContext) => string | undefined;
  readonly answer: (asked: MatchContext, random: () => number) => Reply | null;
  /** The most steps that compiling and asking it take. */
  readonly steps: number;
};

const DISABLED = 'the rule is disabled';

/**
 * Compiles lists of rules, the enabled ones. A pattern that the list before had too is not compiled again; the engine for
 * patterns is loaded when there is one. Patterns beyond the budget of steps are not compiled: asking for one is over
 * the budget, too.
 */
export function ruleCompiler(): (rules: readonly ReplyRule[]) => Promise<readonly CompiledRule[]> {
  let known: Patterns = new Map();
  return async (rules) => {
    known = await patternsOf(rules.filter(isEnabled), known);
    const zones = new Set<string>();
    return rules.map((rule) => (isEnabled(rule) ? compiledOrBroken(rule, known, zones) : disabled(rule)));
  };
}

const isEnabled = ({ enabled }: ReplyRule): boolean => enabled;

const disabled = (rule: ReplyRule): CompiledRule => ({
  rule,
  isBroken: false,
  whyNot: () => DISABLED,
  answer: () => null,
  steps: 0,
});

/** One rule that cannot be compiled, since an older or later version has saved it, takes no other with it. */
function compiledOrBroken(rule: ReplyRule, patterns: Patterns, zones: Set<string>): CompiledRule {
  try {
    return compileRule(rule, patterns, zones);
  } catch (error) {
    const fail = () => {
      throw error;
    };
    return { rule, isBroken: true, whyNot: fail, answer: fail, steps: STEPS.rule };
  }
}

function compileRule(rule: ReplyRule, patterns: Patterns, zones: Set<string>): CompiledRule {
  const { window } = rule;
  const time_zone = window?.time_zone ?? DEFAULT_TIME_ZONE;
  const condition = compileCondition(rule.condition, patterns);
  const answer = compileAction(rule.answer, time_zone);
  return {
    rule,
    isBroken: patternSources(rule).some((source) => !patterns.has(source)) || !repliesOf(rule).every(isRenderable),
    whyNot(asked) {
      const why = condition.whyNot(asked);
      if (why !== undefined || window === undefined) return why;
      asked.take(STEPS.window);
      return whyClosed(window, asked.wall(time_zone));
    },
    answer: (asked, random) => answer(asked, () => condition.captures(asked), random),
    steps: STEPS.rule + condition.steps + (window ? STEPS.window + zoneSteps(time_zone, zones) : 0),
  };
}

/** The first rule that looks at the clocks of a zone pays for them. */
function zoneSteps(time_zone: string, zones: Set<string>): number {
  if (zones.has(time_zone)) return 0;
  zones.add(time_zone);
  return STEPS.zone;
}

async function patternsOf(rules: readonly ReplyRule[], known: Patterns): Promise<Patterns> {
  const sources = new Set(rules.flatMap(patternSources));
  if (sources.size === 0) return new Map();
  const { compilePattern, compiling, BEYOND_BUDGET } = await import('./pattern.ts');
  const patterns = new Map<string, Pattern>();
  let steps = 0;
  for (const source of sources) {
    steps += compiling(source);
    const earlier = known.get(source);
    const isReusable = earlier !== undefined && earlier !== BEYOND_BUDGET;
    try {
      patterns.set(source, steps > LIMITS.steps ? BEYOND_BUDGET : isReusable ? earlier : compilePattern(source));
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

function patternSources({ condition }: ReplyRule): string[] {
  if (condition?.type !== 'text' || !Array.isArray(condition.any_of)) return [];
  return condition.any_of.filter(({ comparison }) => comparison === 'matches').map(({ value }) => value);
}
