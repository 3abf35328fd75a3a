import { normalized } from './comparing.ts';
import type { ReplyRule, RuleName } from './rule.ts';
import type { Comparison, Condition, ConditionOf, RuleWindow } from './shape.ts';
import { crossesMidnight } from './window.ts';

/** A rule that never applies, and the earlier ones that together cover its condition. */
export type Unreachable = RuleName & { readonly because: readonly RuleName[] };

/** The most pairs of conditions' parts that are compared, so that 500 rules do not take minutes. */
const MOST_PAIRS = 1_000_000;

/**
 * The enabled rules that never apply, because enabled rules before them cover their conditions. Sound, not complete: a
 * pattern covers only the same pattern, a broken rule covers nothing, and the search ends after a million comparisons.
 */
export function unreachable(rules: readonly ReplyRule[], isBroken = (_: ReplyRule) => false): Unreachable[] {
  const enabled = rules.filter((rule) => rule.enabled).map(prepared);
  const found: Unreachable[] = [];
  let pairs = 0;
  for (const [index, { rule, parts }] of enabled.entries()) {
    const earlier = enabled
      .slice(0, index)
      .filter((other) => !isBroken(other.rule) && isOpenWhenever(other.rule, rule));
    pairs += parts.length * earlier.reduce((sum, { weight }) => sum + weight, 0);
    if (pairs > MOST_PAIRS) break;
    const covering = parts.map((part) => earlier.find(({ condition }) => covers(condition, part))?.rule);
    if (covering.every((rule) => rule !== undefined)) {
      found.push({ ...named(rule), because: [...new Set(covering)].map(named) });
    }
  }
  return found;
}

/** A rule with its normalized condition, and the parts of that condition. */
type Prepared = { rule: ReplyRule; condition: Condition; parts: Part[]; weight: number };

function prepared(rule: ReplyRule): Prepared {
  const condition = withNormalizedValues(rule.condition);
  return {
    rule,
    condition,
    parts: partsOf(condition),
    weight: condition.type === 'text' ? condition.any_of.length : 1,
  };
}

/** Values are normalized like the text; patterns are compared as written. */
function withNormalizedValues(condition: Condition): Condition {
  if (condition.type !== 'text') return condition;
  const any_of = condition.any_of.map(({ comparison, value }) => ({
    comparison,
    value: comparison === 'matches' ? value : normalized(value),
  }));
  return { ...condition, any_of };
}

const named = ({ id, name }: ReplyRule): RuleName => ({ id, name });

/** A condition with one alternative, in a text message or in the recognition of a voice message. */
type Part = Exclude<Condition, ConditionOf<'text'>> | TextPart;
type TextPart = { readonly type: 'text'; readonly wanted: Comparison; readonly medium: 'text' | 'voice' };

/** Splits a condition into its alternatives. */
function partsOf(condition: Condition): Part[] {
  if (condition.type === 'text') {
    const media = condition.voice === false ? (['text'] as const) : (['text', 'voice'] as const);
    return condition.any_of.flatMap((wanted) => media.map((medium) => ({ type: 'text' as const, wanted, medium })));
  }
  if (condition.type === 'message') {
    return condition.message_types.map((each) => ({ type: 'message', message_types: [each] }));
  }
  if ('ids' in condition && condition.ids) return condition.ids.map((each) => ({ ...condition, ids: [each] }));
  if ('scenes' in condition && condition.scenes)
    return condition.scenes.map((each) => ({ ...condition, scenes: [each] }));
  if ('keys' in condition && condition.keys) return condition.keys.map((each) => ({ ...condition, keys: [each] }));
  return [condition];
}

/** True if every delivery that satisfies the part satisfies the condition. */
function covers(condition: Condition, part: Part): boolean {
  if (condition.type === 'anything') return true;
  if (part.type === 'text') return coversText(condition, part);
  if (part.type === 'message') {
    return condition.type === 'message' && isSubset(part.message_types, condition.message_types);
  }
  if (part.type === 'msgmenu') return coversEntry(condition, part);
  return part.type === 'event' && condition.type === 'event' && coversEvent(condition, part);
}

/** A tap on an entry of a `msgmenu` arrives as a text. */
function coversEntry(condition: Condition, { ids }: ConditionOf<'msgmenu'>): boolean {
  if (condition.type === 'message') return condition.message_types.includes('text');
  if (condition.type !== 'msgmenu') return false;
  return condition.ids === undefined || (ids !== undefined && isSubset(ids, condition.ids));
}

function coversText(condition: Condition, { wanted, medium }: TextPart): boolean {
  if (condition.type === 'message') return condition.message_types.includes(medium);
  if (condition.type !== 'text' || (medium === 'voice' && condition.voice === false)) return false;
  return condition.any_of.some((comparison) => coversComparison(comparison, wanted));
}

/** The comparisons that imply another, if their values do. */
const IMPLIED_BY: Readonly<Record<Exclude<Comparison['comparison'], 'matches'>, readonly string[]>> = {
  equals: ['equals'],
  starts_with: ['equals', 'starts_with'],
  contains: ['equals', 'starts_with', 'contains'],
};

function coversComparison({ comparison, value }: Comparison, wanted: Comparison): boolean {
  if (comparison === 'matches') return wanted.comparison === 'matches' && wanted.value === value;
  if (!IMPLIED_BY[comparison].includes(wanted.comparison)) return false;
  if (comparison === 'equals') return wanted.value === value;
  return comparison === 'contains' ? wanted.value.includes(value) : wanted.value.startsWith(value);
}

function coversEvent(condition: ConditionOf<'event'>, part: ConditionOf<'event'>): boolean {
  if (condition.event !== part.event) return false;
  const [ours, theirs] = [choiceOf(condition), choiceOf(part)];
  return ours === undefined || (theirs !== undefined && isSubset(theirs, ours));
}

const choiceOf = (condition: ConditionOf<'event'>): readonly string[] | undefined =>
  'scenes' in condition ? condition.scenes : 'keys' in condition ? condition.keys : undefined;

/** True if a window is open whenever the other is. A missing window is always open. */
function isOpenWhenever({ window }: ReplyRule, { window: other }: ReplyRule): boolean {
  if (window === undefined || isAlwaysOpen(window)) return true;
  if (other === undefined || window.time_zone !== other.time_zone) return false;
  return (
    areHoursWithin(window, other) &&
    (window.weekdays === undefined || (other.weekdays !== undefined && isSubset(other.weekdays, window.weekdays))) &&
    (window.from === undefined || (other.from !== undefined && other.from >= window.from)) &&
    (window.until === undefined || (other.until !== undefined && other.until <= window.until))
  );
}

const isAlwaysOpen = ({ hours, weekdays, from, until }: RuleWindow): boolean =>
  hours === undefined && weekdays === undefined && from === undefined && until === undefined;

/** Hours that cross midnight count for the day before, so they are compared with the same hours only. */
function areHoursWithin({ hours }: RuleWindow, { hours: other }: RuleWindow): boolean {
  if (hours !== undefined && other !== undefined && hours.from === other.from && hours.to === other.to) return true;
  if (other !== undefined && crossesMidnight(other)) return false;
  if (hours === undefined) return true;
  return other !== undefined && !crossesMidnight(hours) && hours.from <= other.from && other.to <= hours.to;
}

const isSubset = (some: readonly string[], all: readonly string[]): boolean => some.every((each) => all.includes(each));
