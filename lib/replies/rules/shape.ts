import * as v from 'valibot';
import type { Reply as PassiveReply } from '../../wechat/callback/passive-reply.ts';
import { EVENT_NAMES, EVENTS_BY_KEY } from '../../wechat/deliveries/events.ts';
import { MESSAGES, type MessageType } from '../../wechat/deliveries/messages.ts';
import { COMPARISONS, normalized } from './comparing.ts';
import { LIMITS } from './limits.ts';
import { DEFAULT_TIME_ZONE, isTimeZone, WEEKDAYS } from './wall-clock.ts';

/** The shape of a reply rule in the API and in the table. Types are inferred. */

const anyText = v.string('must be a string');
const text = (most: number) =>
  v.pipe(anyText, v.nonEmpty('is empty'), v.maxLength(most, `is longer than ${most} characters`));
const field = v.pipe(
  anyText,
  v.maxLength(LIMITS.field_characters, `is longer than ${LIMITS.field_characters} characters`),
);
const oneOf = <const T extends readonly string[]>(allowed: T) =>
  v.picklist(allowed, `must be one of ${allowed.join(', ')}`);
const list = <S extends v.GenericSchema>(entry: S, most: number) =>
  v.pipe(
    v.array(entry, 'must be a list'),
    v.minLength(1, 'is empty'),
    v.maxLength(most, `has more than ${most} entries`),
  );
/** The message of a variant, whose issue has the expected values as `("text" | "event")`. */
const chosen = ({ expected }: v.BaseIssue<unknown>) => `must be one of ${expected?.match(/\w+/g)?.join(', ')}`;

const MESSAGE_TYPES = Object.keys(MESSAGES) as MessageType[];

const Comparison = v.strictObject({
  comparison: oneOf([...(Object.keys(COMPARISONS) as (keyof typeof COMPARISONS)[]), 'matches']),
  value: v.pipe(
    text(LIMITS.value_characters),
    v.check((value) => normalized(value) !== '', 'is blank'),
  ),
});

const idsOf = list(text(LIMITS.scene_or_key_characters), LIMITS.scenes_or_keys);
const event = v.literal('event');

const Condition = v.variant(
  'type',
  [
    v.strictObject({
      type: v.literal('text'),
      any_of: list(Comparison, LIMITS.comparisons),
      voice: v.exactOptional(v.boolean('must be true or false')),
    }),
    v.strictObject({ type: v.literal('msgmenu'), ids: v.exactOptional(idsOf) }),
    v.strictObject({ type: v.literal('message'), message_types: list(oneOf(MESSAGE_TYPES), MESSAGE_TYPES.length) }),
    v.variant(
      'event',
      [
        v.strictObject({ type: event, event: v.literal('subscribe'), scenes: v.exactOptional(idsOf) }),
        v.strictObject({ type: event, event: v.literal('SCAN'), scenes: v.exactOptional(idsOf) }),
        v.strictObject({ type: event, event: oneOf(EVENTS_BY_KEY), keys: v.exactOptional(idsOf) }),
        v.strictObject({ type: event, event: v.literal('LOCATION') }),
      ],
      chosen,
    ),
    v.strictObject({ type: v.literal('anything') }),
  ],
  chosen,
);

const Article = v.strictObject({
  title: field,
  description: v.exactOptional(field),
  url: v.exactOptional(field),
  picurl: v.exactOptional(field),
});

const titled = { title: v.exactOptional(field), description: v.exactOptional(field) };

const REPLIES = [
  v.strictObject({ type: v.literal('text'), content: anyText }),
  v.strictObject({ type: v.literal('image'), media_id: field }),
  v.strictObject({ type: v.literal('voice'), media_id: field }),
  v.strictObject({ type: v.literal('video'), media_id: field, ...titled }),
  v.strictObject({
    type: v.literal('music'),
    thumb_media_id: field,
    ...titled,
    musicurl: v.exactOptional(field),
    hqmusicurl: v.exactOptional(field),
  }),
  v.strictObject({ type: v.literal('news'), articles: v.array(Article, 'must be a list') }),
  v.strictObject({ type: v.literal('transfer_customer_service'), kf_account: v.exactOptional(field) }),
] as const;

/** A passive reply. */
export const Reply = v.variant('type', REPLIES, chosen);

const Random = v.strictObject({
  type: v.literal('random'),
  replies: list(Reply, LIMITS.random_replies),
});

/** One reply, one at random of several, or null: silence, and no later rule is evaluated. */
const Action = v.nullable(v.variant('type', [...REPLIES, Random], chosen));

const time = (pattern: RegExp) =>
  v.pipe(v.string('must be a time such as 08:30'), v.regex(pattern, 'must be a time such as 08:30'));
const date = v.pipe(
  v.string('must be a date such as 2026-01-31'),
  v.isoDate('must be a date such as 2026-01-31'),
  v.check((day) => isOnCalendar(day), 'is not a valid date'),
);

/** JavaScript reads 30 February as a day in March. */
function isOnCalendar(day: string): boolean {
  const read = new Date(day);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(day);
}

const Hours = v.pipe(
  v.strictObject({ from: time(/^([01]\d|2[0-3]):[0-5]\d$/), to: time(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/) }),
  v.forward(
    v.check(({ from, to }) => from !== to, 'equals hours.from'),
    ['to'],
  ),
);

/**
 * The times at which a rule is in force, in a time zone. `hours.to` is exclusive; hours that cross midnight belong as a
 * whole to the day on which they begin, as regards weekdays and dates. `from` and `until` are inclusive.
 */
const Window = v.pipe(
  v.strictObject({
    time_zone: v.optional(
      v.pipe(anyText, v.check(isTimeZone, 'is not an IANA time zone such as Asia/Shanghai')),
      DEFAULT_TIME_ZONE,
    ),
    weekdays: v.exactOptional(list(oneOf(WEEKDAYS), WEEKDAYS.length)),
    hours: v.exactOptional(Hours),
    from: v.exactOptional(date),
    until: v.exactOptional(date),
  }),
  v.forward(
    v.check(({ from, until }) => !from || !until || from <= until, 'is before window.from'),
    ['until'],
  ),
);

const id = v.pipe(anyText, v.regex(/^[\w-]{1,64}$/, 'must be the id of a rule'));
const ignored = v.optional(v.unknown());

/** The input of a rule. Further fields that GET returns are accepted and ignored. */
export const Draft = v.strictObject({
  name: text(LIMITS.name_characters),
  enabled: v.optional(v.boolean('must be true or false'), true),
  window: v.exactOptional(Window),
  condition: Condition,
  answer: Action,
  after: v.exactOptional(id),
  before: v.exactOptional(id),
  id: ignored,
  position: ignored,
  created_at: ignored,
  updated_at: ignored,
});

const moment = v.pipe(
  v.string('must be a time such as 2026-01-31T08:00:00Z'),
  v.isoTimestamp('must be a time such as 2026-01-31T08:00:00Z'),
  v.check((at) => !Number.isNaN(Date.parse(at)), 'is not a valid time'),
);

const from = v.exactOptional(v.pipe(anyText, v.regex(/^[\x21-\x7e]{1,128}$/, 'must be an openid')));
const OTHER_TYPES = MESSAGE_TYPES.filter((type) => type !== 'text' && type !== 'voice');

/** The input of a rule test: a message or an event in short, or the XML of a delivery; and a time (default: now). */
export const RuleTest = v.strictObject({
  delivery: v.exactOptional(
    v.variant(
      'type',
      [
        v.strictObject({ type: v.literal('text'), content: anyText, bizmsgmenuid: v.exactOptional(anyText), from }),
        v.strictObject({ type: v.literal('voice'), recognition: v.exactOptional(anyText), from }),
        v.strictObject({
          type: event,
          event: oneOf(EVENT_NAMES),
          scene: v.exactOptional(anyText),
          key: v.exactOptional(anyText),
          from,
        }),
        v.strictObject({ type: v.picklist(OTHER_TYPES), from }),
      ],
      chosen,
    ),
  ),
  xml: v.exactOptional(anyText),
  at: v.exactOptional(moment),
});

export type Comparison = v.InferOutput<typeof Comparison>;
export type Condition = v.InferOutput<typeof Condition>;
export type ConditionOf<T extends Condition['type']> = Extract<Condition, { type: T }>;
export type Action = PassiveReply | { readonly type: 'random'; readonly replies: readonly PassiveReply[] } | null;
export type RuleWindow = v.InferOutput<typeof Window>;
export type Draft = v.InferOutput<typeof Draft>;
export type RuleTest = v.InferOutput<typeof RuleTest>;
