import { alike } from './comparing.ts';
import type { Named, ReplyRule } from './rule.ts';
import type { Comparison, Condition, ConditionOf, RuleWindow } from './shape.ts';
import { crossesMidnight } from './window.ts';

/** A rule that can never answer, and the earlier ones that together take everything it would. */
export type Unreachable = Named & { readonly because: readonly Named[] };

/** So many pairs of a rule's part with an earlier rule's are compared, so that 500 rules take no minutes. */
const MOST_PAIRS = 1_000_000;

/**
 * The enabled rules that are never reached, because enabled rules before them take everything they would. Whatever is
 * named is unreachable; not every unreachable rule is found (what a pattern takes is compared with the same pattern only,
 * what a broken rule takes is not known, and after a million comparisons the search ends).
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
    const takers = parts.map((part) => earlier.find(({ condition }) => takes(condition, part))?.rule);
    if (takers.every((taker) => taker !== undefined)) {
      found.push({ ...named(rule), because: [...new Set(takers)].map(named) });
    }
  }
  return found;
}

/** A rule with its condition as it takes parts, and the parts that its own condition falls into. */
type Prepared = { rule: ReplyRule; condition: Condition; parts: Part[]; weight: number };

function prepared(rule: ReplyRule): Prepared {
  const condition = withAlikeValues(rule.condition);
  return {
    rule,
    condition,
    parts: partsOf(condition),
    weight: condition.type === 'text' ? condition.any_of.length : 1,
  };
}

/** Values are compared as the text is; patterns as they are written. */
function withAlikeValues(condition: Condition): Condition {
  if (condition.type !== 'text') return condition;
  const any_of = condition.any_of.map(({ comparison, value }) => ({
    comparison,
    value: comparison === 'matches' ? value : alike(value),
  }));
  return { ...condition, any_of };
}

const named = ({ id, name }: ReplyRule): Named => ({ id, name });

/** A condition that asks for one thing, in a text message or in what a voice message says. */
type Part = Exclude<Condition, ConditionOf<'text'>> | TextPart;
type TextPart = { readonly type: 'text'; readonly wanted: Comparison; readonly medium: 'text' | 'voice' };

/** The condition as several that each ask for one thing, any of which suffices. */
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

/** Whether all that a part asks for satisfies a condition. */
function takes(condition: Condition, part: Part): boolean {
  if (condition.type === 'anything') return true;
  if (part.type === 'text') return takesText(condition, part);
  if (part.type === 'message') {
    return condition.type === 'message' && isSubset(part.message_types, condition.message_types);
  }
  if (part.type === 'msgmenu') return takesEntry(condition, part);
  return part.type === 'event' && condition.type === 'event' && takesEvent(condition, part);
}

/** A tap on an entry of a `msgmenu` arrives as a text. */
function takesEntry(condition: Condition, { ids }: ConditionOf<'msgmenu'>): boolean {
  if (condition.type === 'message') return condition.message_types.includes('text');
  if (condition.type !== 'msgmenu') return false;
  return condition.ids === undefined || (ids !== undefined && isSubset(ids, condition.ids));
}

function takesText(condition: Condition, { wanted, medium }: TextPart): boolean {
  if (condition.type === 'message') return condition.message_types.includes(medium);
  if (condition.type !== 'text' || (medium === 'voice' && condition.voice === false)) return false;
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
  if (comparison === 'equals') return wanted.value === value;
  return comparison === 'contains' ? wanted.value.includes(value) : wanted.value.startsWith(value);
}

function takesEvent(condition: ConditionOf<'event'>, part: ConditionOf<'event'>): boolean {
  if (condition.event !== part.event) return false;
  const [ours, theirs] = [choiceOf(condition), choiceOf(part)];
  return ours === undefined || (theirs !== undefined && isSubset(theirs, ours));
}

const choiceOf = (condition: ConditionOf<'event'>): readonly string[] | undefined =>
  'scenes' in condition ? condition.scenes : 'keys' in condition ? condition.keys : undefined;

/** Whether a window is open at every moment at which another is; no window is always open. */
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
