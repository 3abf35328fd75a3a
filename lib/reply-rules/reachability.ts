import { alike } from './comparing.ts';
import type { Named, ReplyRule } from './rule.ts';
import type { Comparison, Condition, ConditionOf, RuleWindow } from './shape.ts';
import { crossesMidnight } from './window.ts';

/** A rule that can never answer, and the earlier ones that together take everything it would. */
export type Unreachable = Named & { readonly because: readonly Named[] };

/**
 * The enabled rules that are never reached, because enabled rules before them take everything they would. Whatever is
 * named is unreachable; not every unreachable rule is found (what a pattern takes is compared with the same pattern only,
 * and what a broken rule takes is not known).
 */
export function unreachable(rules: readonly ReplyRule[], isBroken = (_: ReplyRule) => false): Unreachable[] {
  const enabled = rules.filter((rule) => rule.enabled);
  return enabled.flatMap((rule, index) => {
    const takers = partsOf(rule.condition).map((part) =>
      enabled.slice(0, index).find((earlier) => !isBroken(earlier) && takesPart(earlier, rule, part)),
    );
    if (!takers.every((taker) => taker !== undefined)) return [];
    return [{ ...named(rule), because: [...new Set(takers)].map(named) }];
  });
}

const named = ({ id, name }: ReplyRule): Named => ({ id, name });

const takesPart = (earlier: ReplyRule, rule: ReplyRule, part: Condition): boolean =>
  takes(earlier.condition, part) && isOpenWhenever(earlier.window, rule.window);

/** The condition as several that each ask for one thing, any of which suffices. */
function partsOf(condition: Condition): Condition[] {
  if (condition.type === 'text') return condition.any_of.map((each) => ({ type: 'text', any_of: [each] }));
  if (condition.type === 'message') {
    return condition.message_types.map((each) => ({ type: 'message', message_types: [each] }));
  }
  if ('scenes' in condition && condition.scenes)
    return condition.scenes.map((each) => ({ ...condition, scenes: [each] }));
  if ('keys' in condition && condition.keys) return condition.keys.map((each) => ({ ...condition, keys: [each] }));
  return [condition];
}

/** Whether all that a part asks for satisfies a condition. */
function takes(condition: Condition, part: Condition): boolean {
  if (condition.type === 'anything') return true;
  if (part.type === 'text') return takesText(condition, part);
  if (part.type === 'message') {
    return condition.type === 'message' && isSubset(part.message_types, condition.message_types);
  }
  return part.type === 'event' && condition.type === 'event' && takesEvent(condition, part);
}

function takesText(condition: Condition, { any_of: [wanted] }: ConditionOf<'text'>): boolean {
  if (condition.type === 'message') return condition.message_types.includes('text');
  if (condition.type !== 'text' || wanted === undefined) return false;
  return condition.any_of.some((comparison) => takesComparison(comparison, wanted));
}

/** Which comparisons with a part of a text hold for all texts that another holds for. */
const IMPLIED_BY: Readonly<Record<Exclude<Comparison['comparison'], 'matches'>, readonly string[]>> = {
  equals: ['equals'],
  starts_with: ['equals', 'starts_with'],
  contains: ['equals', 'starts_with', 'contains'],
};

function takesComparison({ comparison, value }: Comparison, wanted: Comparison): boolean {
  if (comparison === 'matches') return wanted.comparison === 'matches' && wanted.value === value;
  if (!IMPLIED_BY[comparison].includes(wanted.comparison)) return false;
  const [ours, theirs] = [alike(value), alike(wanted.value)];
  if (comparison === 'equals') return ours === theirs;
  return comparison === 'contains' ? theirs.includes(ours) : theirs.startsWith(ours);
}

function takesEvent(condition: ConditionOf<'event'>, part: ConditionOf<'event'>): boolean {
  if (condition.event !== part.event) return false;
  const [ours, theirs] = [choiceOf(condition), choiceOf(part)];
  return ours === undefined || (theirs !== undefined && isSubset(theirs, ours));
}

const choiceOf = (condition: ConditionOf<'event'>): readonly string[] | undefined =>
  'scenes' in condition ? condition.scenes : 'keys' in condition ? condition.keys : undefined;

/** Whether a window is open at every moment at which another is; no window is always open. */
function isOpenWhenever(window: RuleWindow | undefined, other: RuleWindow | undefined): boolean {
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
