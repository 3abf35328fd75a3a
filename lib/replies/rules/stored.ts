import { boolean, either, exactly, listOf, oneOf, type Reader, record, text } from '../../platform/read.ts';
import { replyIn } from '../../wechat/callback/passive-reply.ts';
import { EVENTS_BY_KEY } from '../../wechat/deliveries/events.ts';
import { MESSAGES, type MessageType } from '../../wechat/deliveries/messages.ts';
import { COMPARISONS } from './comparing.ts';
import type { ReplyRule } from './rule.ts';
import type { Action, Condition, RuleWindow } from './shape.ts';
import { WEEKDAYS } from './wall-clock.ts';

const texts = listOf(text);

const isOf =
  <const T extends string>(names: Readonly<Record<T, unknown>>): Reader<T> =>
  (value) => {
    const isName = (name: unknown): name is T => typeof name === 'string' && Object.hasOwn(names, name);
    return isName(value) ? value : undefined;
  };

const comparison = exactly(record({ comparison: either(isOf(COMPARISONS), oneOf('matches')), value: text }));
const event = { type: oneOf('event') };

const condition: Reader<Condition> = either(
  exactly(record({ type: oneOf('text'), any_of: listOf(comparison) }, { voice: boolean })),
  exactly(record({ type: oneOf('msgmenu') }, { ids: texts })),
  exactly(record({ type: oneOf('message'), message_types: listOf(isOf<MessageType>(MESSAGES)) })),
  exactly(record({ ...event, event: oneOf('subscribe') }, { scenes: texts })),
  exactly(record({ ...event, event: oneOf('SCAN') }, { scenes: texts })),
  exactly(record({ ...event, event: oneOf(...EVENTS_BY_KEY) }, { keys: texts })),
  exactly(record({ ...event, event: oneOf('LOCATION') })),
  exactly(record({ type: oneOf('anything') })),
);

const window: Reader<RuleWindow> = exactly(
  record(
    { time_zone: text },
    {
      weekdays: listOf(oneOf(...WEEKDAYS)),
      hours: exactly(record({ from: text, to: text })),
      from: text,
      until: text,
    },
  ),
);

const answer: Reader<Action> = (value) => {
  if (value === null) return null;
  return replyIn(value) ?? random(value);
};
const random = record({
  type: oneOf('random'),
  replies: listOf((value) => replyIn(value) ?? undefined),
});

/**
 * A rule as it lies in the table; undefined for one whose condition, window or action this version does not know in full:
 * it would apply to what it is not for.
 */
export const ruleIn: Reader<ReplyRule> = record(
  { id: text, position: text, name: text, enabled: boolean, condition, answer, created_at: text, updated_at: text },
  { window },
);
