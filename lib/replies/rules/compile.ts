import { isRenderable, type Reply } from '../../wechat/callback/passive-reply.ts';
import { compileAction } from './action.ts';
import { compileCondition, type Patterns } from './condition.ts';
import { LIMITS } from './limits.ts';
import { type Match, unmet } from './match.ts';
import type { MatchContext } from './match-context.ts';
import type { Pattern } from './pattern.ts';
import type { ReplyRule } from './rule.ts';
import { STEPS } from './steps.ts';
import { DEFAULT_TIME_ZONE } from './wall-clock.ts';
import { matchWindow } from './window.ts';

/** A compiled rule. */
export type CompiledRule = {
  readonly rule: ReplyRule;
  /** True if a pattern does not compile or the action has a type this version does not know. Such a rule is skipped. */
  readonly isBroken: boolean;
  /**
   * Whether the rule applies.
   * @throws Error if an older version saved the rule
   */
  readonly match: (context: MatchContext) => Match;
  readonly action: (context: MatchContext, random: () => number) => Reply | null;
  /** The most steps that compiling and evaluating it cost. */
  readonly steps: number;
};

const DISABLED = unmet('the rule is disabled');

/**
 * Compiles the enabled rules of a list. Patterns of the previous list are reused; the pattern engine is loaded for the
 * first pattern. Patterns beyond the budget of steps are not compiled: evaluating one exceeds the budget, too.
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
  match: () => DISABLED,
  action: () => null,
  steps: 0,
});

/** A rule of an older or later version that does not compile leaves the others alone. */
function compiledOrBroken(rule: ReplyRule, patterns: Patterns, zones: Set<string>): CompiledRule {
  try {
    return compileRule(rule, patterns, zones);
  } catch (error) {
    const fail = () => {
      throw error;
    };
    return { rule, isBroken: true, match: fail, action: fail, steps: STEPS.rule };
  }
}

function compileRule(rule: ReplyRule, patterns: Patterns, zones: Set<string>): CompiledRule {
  const { window } = rule;
  const time_zone = window?.time_zone ?? DEFAULT_TIME_ZONE;
  const condition = compileCondition(rule.condition, patterns);
  const action = compileAction(rule.answer, time_zone);
  return {
    rule,
    isBroken: patternSources(rule).some((source) => !patterns.has(source)) || !repliesOf(rule).every(isRenderable),
    match(context) {
      const match = condition.match(context);
      if (!match.applies || window === undefined) return match;
      context.spend(STEPS.window);
      return matchWindow(window, context.wall(time_zone));
    },
    action: (context, random) => action(context, () => condition.captures(context), random),
    steps: STEPS.rule + condition.steps + (window ? STEPS.window + zoneSteps(time_zone, zones) : 0),
  };
}

/** The first rule with a time zone is charged for it. */
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
      // Rules that need it report it when they are evaluated; the others are unaffected.
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
