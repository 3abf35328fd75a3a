import * as v from 'valibot';

/** Shapes of the query parameters that lists take. */

const MOST = 100;

/** The size of a page: 1–100, default 50. */
export const limit = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^\d{1,4}$/, `must be a whole number 1–${MOST}`),
    v.transform(Number),
    v.minValue(1, `must be a whole number 1–${MOST}`),
    v.maxValue(MOST, `must be a whole number 1–${MOST}`),
  ),
  '50',
);

const ISO_8601 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;
const TIME_RULE = 'must be a time such as 2026-11-22T08:00:00Z';

/** A time in ISO 8601 (a day alone is its midnight in UTC), read as milliseconds. */
export const instant = v.pipe(
  v.string(),
  v.regex(ISO_8601, TIME_RULE),
  v.transform((text) => Date.parse(text)),
  v.number(TIME_RULE),
  v.minValue(0, TIME_RULE),
);
