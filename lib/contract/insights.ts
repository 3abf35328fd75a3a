import * as v from 'valibot';
import type { Contracts } from './contract.ts';
import { time } from './fields.ts';

const counts = v.strictObject({ total: v.number(), by_type: v.record(v.string(), v.number()) });
const seconds = v.nullable(v.number());

/**
 * The error bound of a figure: as a share of it; by what may be counted twice; for each count of a list, by what may be
 * missing from it.
 */
const Bound = v.strictObject({
  relative: v.exactOptional(v.number()),
  over_by_at_most: v.exactOptional(v.number()),
  short_by_at_most: v.exactOptional(v.number()),
});

/** Figures not named in `approximate` are exact. */
export const Figures = v.strictObject({
  messages: counts,
  events: counts,
  followers: v.strictObject({ new: v.number(), lost: v.number(), net: v.number(), active: v.number() }),
  menu: v.array(v.strictObject({ event: v.string(), key: v.string(), count: v.number() })),
  texts: v.array(v.strictObject({ text: v.string(), count: v.number() })),
  scenes: v.array(v.strictObject({ event: v.string(), scene: v.string(), count: v.number() })),
  answered_by: v.array(v.strictObject({ rule: v.string(), count: v.number() })),
  answers: v.number(),
  first_answers: v.strictObject({ count: v.number(), median_seconds: seconds, p95_seconds: seconds }),
  approximate: v.exactOptional(v.record(v.string(), Bound)),
});

const span = { from: time, to: time };
const by = v.picklist(['hour', 'day', 'week'], 'must be hour, day or week');

export const INSIGHTS = {
  'GET /insights': {
    query: v.strictObject({
      from: v.optional(v.string()),
      to: v.optional(v.string()),
      by: v.optional(by, 'day'),
      timezone: v.optional(v.string(), 'Asia/Shanghai'),
    }),
    response: v.strictObject({
      ...span,
      by,
      timezone: v.string(),
      partial: v.boolean(),
      periods: v.array(v.strictObject({ ...span, ...Figures.entries })),
      totals: Figures,
      preceding: v.strictObject({ ...span, totals: Figures }),
    }),
  },
} as const satisfies Contracts;
