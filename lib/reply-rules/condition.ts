import type { EventName } from '../wechat/events.ts';
import type { Asked } from './asked.ts';
import { alike, COMPARISONS } from './comparing.ts';
import type { Pattern } from './pattern.ts';
import type { Comparison, Condition, ConditionOf } from './shape.ts';

/** The patterns of a list of rules by their source; one that could not be compiled is missing. */
export type Patterns = ReadonlyMap<string, Pattern>;

/** A condition ready to be asked: why it does not hold (undefined: it does), and what its patterns captured. */
export type CompiledCondition = {
  readonly whyNot: (asked: Asked) => string | undefined;
  readonly captures: (asked: Asked) => readonly string[];
};

export const UNMET = {
  kind: 'it answers something else',
  text: 'the text is none of its',
  scene: 'the scene is none of its',
  key: 'the key is none of its',
  notice: 'it answers what followers send and do; this is a notice',
} as const;

/** What a follower does, beside sending messages; all else that WeChat tells is a notice to the account. */
const DONE_BY_FOLLOWERS: ReadonlySet<string> = new Set<EventName>([
  'subscribe',
  'unsubscribe',
  'SCAN',
  'LOCATION',
  'CLICK',
  'VIEW',
  'view_miniprogram',
  'scancode_push',
  'scancode_waitmsg',
  'pic_sysphoto',
  'pic_photo_or_album',
  'pic_weixin',
  'location_select',
]);

export function compileCondition(condition: Condition, patterns: Patterns): CompiledCondition {
  switch (condition.type) {
    case 'text':
      return textCondition(condition, patterns);
    case 'message':
      return capturesNothing(messageCondition(condition));
    case 'event':
      return capturesNothing(eventCondition(condition));
    case 'anything':
      return capturesNothing(anyCondition);
  }
}

const capturesNothing = (whyNot: CompiledCondition['whyNot']): CompiledCondition => ({ whyNot, captures: () => [] });

function textCondition({ any_of }: ConditionOf<'text'>, patterns: Patterns): CompiledCondition {
  const tests = any_of.map((comparison) => textTest(comparison, patterns));
  const finders = any_of
    .filter(({ comparison }) => comparison === 'matches')
    .map(({ value }) => finder(value, patterns));
  return {
    whyNot({ text }) {
      if (text === undefined) return UNMET.kind;
      return tests.some((applies) => applies(text)) ? undefined : UNMET.text;
    },
    captures({ text }) {
      for (const find of finders) {
        const found = text && find(text.narrow);
        if (found) return found;
      }
      return [];
    },
  };
}

type Text = NonNullable<Asked['text']>;

function textTest({ comparison, value }: Comparison, patterns: Patterns): (text: Text) => boolean {
  if (comparison === 'matches') {
    const find = finder(value, patterns);
    return (text) => find(text.narrow) !== undefined;
  }
  const compare = COMPARISONS[comparison];
  const wanted = alike(value);
  return (text) => compare(text.alike, wanted);
}

function finder(source: string, patterns: Patterns): Pattern['find'] {
  const pattern = patterns.get(source);
  if (pattern !== undefined) return pattern.find;
  return () => {
    throw new Error('a pattern could not be compiled');
  };
}

function messageCondition({ message_types }: ConditionOf<'message'>): CompiledCondition['whyNot'] {
  const types: ReadonlySet<string> = new Set(message_types);
  return ({ delivery }) => (types.has(delivery.type) ? undefined : UNMET.kind);
}

function eventCondition(condition: ConditionOf<'event'>): CompiledCondition['whyNot'] {
  const scenes = 'scenes' in condition && condition.scenes ? new Set(condition.scenes) : undefined;
  const keys = 'keys' in condition && condition.keys ? new Set(condition.keys) : undefined;
  return ({ delivery }) => {
    if (delivery.type !== 'event' || delivery.event !== condition.event) return UNMET.kind;
    if (scenes && !scenes.has(('scene' in delivery && delivery.scene) || '')) return UNMET.scene;
    return keys && !keys.has(('key' in delivery && delivery.key) || '') ? UNMET.key : undefined;
  };
}

const anyCondition: CompiledCondition['whyNot'] = ({ delivery }) =>
  'event' in delivery && !DONE_BY_FOLLOWERS.has(delivery.event ?? '') ? UNMET.notice : undefined;
