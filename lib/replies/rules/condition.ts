import { kindOfEvent } from '../../wechat/deliveries/events.ts';
import { COMPARISONS, normalized } from './comparing.ts';
import { LIMITS } from './limits.ts';
import { APPLIES, type Match, unmet } from './match.ts';
import type { MatchContext } from './match-context.ts';
import type { Pattern } from './pattern.ts';
import type { Comparison, Condition, ConditionOf } from './shape.ts';
import { matching, normalizing, STEPS, searching } from './steps.ts';

/** The compiled patterns of a list of rules by their source, without those that do not compile. */
export type Patterns = ReadonlyMap<string, Pattern>;

/** A compiled condition: whether it applies, and the captures of its patterns. */
export type CompiledCondition = {
  readonly match: (context: MatchContext) => Match;
  readonly captures: (context: MatchContext) => readonly string[];
  /** The most steps that evaluating it costs, without values that are computed once for all rules. */
  readonly steps: number;
};

const UNMET = {
  kind: unmet('the rule is for another type of delivery'),
  text: unmet('no comparison matches the text'),
  voice: unmet('the condition does not apply to voice messages'),
  entry: unmet('no id matches the menu entry'),
  scene: unmet('no scene matches'),
  key: unmet('no key matches'),
  notice: unmet('the event is a notification, not an action of a follower'),
} as const satisfies Record<string, Match>;

export function compileCondition(condition: Condition, patterns: Patterns): CompiledCondition {
  switch (condition.type) {
    case 'text':
      return textCondition(condition, patterns);
    case 'msgmenu':
      return capturesNothing(entryCondition(condition));
    case 'message':
      return capturesNothing(messageCondition(condition));
    case 'event':
      return capturesNothing(eventCondition(condition));
    case 'anything':
      return capturesNothing(anyCondition);
  }
}

const capturesNothing = (match: CompiledCondition['match']): CompiledCondition => ({
  match,
  captures: () => [],
  steps: 0,
});

function textCondition({ any_of, voice }: ConditionOf<'text'>, patterns: Patterns): CompiledCondition {
  const tests = any_of.map((comparison) => textTest(comparison, patterns));
  const finders = any_of
    .filter(({ comparison }) => comparison === 'matches')
    .map(({ value }) => finder(value, patterns));
  return {
    match(context) {
      if (context.source === undefined) return UNMET.kind;
      if (context.source === 'recognition' && voice === false) return UNMET.voice;
      return tests.some((passes) => passes(context)) ? APPLIES : UNMET.text;
    },
    captures(context) {
      if (context.source === undefined) return [];
      for (const find of finders) {
        const found = find(context);
        if (found) return found;
      }
      return [];
    },
    steps: any_of.reduce((sum, comparison) => sum + stepsOf(comparison, patterns), 0),
  };
}

type Test = (context: MatchContext) => boolean;

function textTest({ comparison, value }: Comparison, patterns: Patterns): Test {
  if (comparison === 'matches') {
    const find = finder(value, patterns);
    return (context) => find(context) !== undefined;
  }
  const compare = COMPARISONS[comparison];
  const wanted = normalized(value);
  return (context) => {
    const text = context.text().normalized;
    context.spend(comparing(comparison, text.length));
    return compare(text, wanted);
  };
}

/** `contains` searches the whole text, the others compare its beginning. */
const comparing = (comparison: Comparison['comparison'], characters: number): number =>
  STEPS.comparison + (comparison === 'contains' ? searching(characters) : 0);

/** The most steps that a comparison costs, compiling it included. */
function stepsOf({ comparison, value }: Comparison, patterns: Patterns): number {
  if (comparison !== 'matches') return comparing(comparison, LIMITS.text_reads_characters) + normalizing(value.length);
  const { instructions = 0, compiling = 0 } = patterns.get(value) ?? {};
  return compiling + matching(Math.min(instructions, LIMITS.pattern_steps), LIMITS.pattern_reads_characters);
}

function finder(source: string, patterns: Patterns): (context: MatchContext) => readonly string[] | undefined {
  const pattern = patterns.get(source);
  if (pattern !== undefined) return ({ find }) => find(pattern);
  return () => {
    throw new Error('a pattern could not be compiled');
  };
}

function entryCondition({ ids }: ConditionOf<'msgmenu'>): CompiledCondition['match'] {
  const wanted = ids && new Set(ids);
  return ({ delivery }) => {
    const id = 'bizmsgmenuid' in delivery ? delivery.bizmsgmenuid : undefined;
    if (!id) return UNMET.kind;
    return wanted && !wanted.has(id) ? UNMET.entry : APPLIES;
  };
}

function messageCondition({ message_types }: ConditionOf<'message'>): CompiledCondition['match'] {
  const types: ReadonlySet<string> = new Set(message_types);
  return ({ delivery }) => (types.has(delivery.type) ? APPLIES : UNMET.kind);
}

function eventCondition(condition: ConditionOf<'event'>): CompiledCondition['match'] {
  const scenes = 'scenes' in condition && condition.scenes ? new Set(condition.scenes) : undefined;
  const keys = 'keys' in condition && condition.keys ? new Set(condition.keys) : undefined;
  return ({ delivery }) => {
    if (delivery.type !== 'event' || delivery.event !== condition.event) return UNMET.kind;
    if (scenes && !scenes.has(('scene' in delivery && delivery.scene) || '')) return UNMET.scene;
    return keys && !keys.has(('key' in delivery && delivery.key) || '') ? UNMET.key : APPLIES;
  };
}

const anyCondition: CompiledCondition['match'] = ({ delivery }) =>
  'event' in delivery && isNotice(delivery.event ?? '') ? UNMET.notice : APPLIES;

/** Notifications of followers or of the account, and events that this version does not know. */
function isNotice(event: string): boolean {
  const { behaviour = 'notice' } = kindOfEvent(event) ?? {};
  return behaviour === 'notice' || behaviour === 'jobResult';
}
