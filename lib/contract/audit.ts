import * as v from 'valibot';
import type { Contracts } from './contract.ts';
import { time } from './fields.ts';
import { instant, limit } from './paging.ts';

const name = v.pipe(v.string(), v.nonEmpty('must not be empty'), v.maxLength(128, 'must be at most 128 characters'));

const texts = v.pipe(v.array(v.string()), v.readonly());
const read = {
  time,
  operator: v.string(),
  action: v.string(),
  target: v.exactOptional(v.string()),
  request_id: v.string(),
  address: v.string(),
};

const Change = v.strictObject({
  ...read,
  followers: v.exactOptional(texts),
  followers_total: v.exactOptional(v.number()),
  fields: v.exactOptional(texts),
  status: v.number(),
  errcode: v.number(),
});

/** The time of reads and of failed sign-ins is the beginning of an hour. */
const Read = v.strictObject(read);
const SignIns = v.strictObject({
  time,
  operator: v.exactOptional(v.string()),
  action: v.string(),
  attempts: v.number(),
  addresses: texts,
});

export const AUDIT = {
  'GET /audit': {
    query: v.strictObject({
      kind: v.optional(v.picklist(['changes', 'reads', 'sign-ins'], 'must be changes, reads or sign-ins')),
      operator: v.optional(name),
      action: v.optional(name),
      from: v.optional(instant),
      to: v.optional(instant),
      cursor: v.optional(v.string()),
      limit,
    }),
    response: v.strictObject({
      entries: v.array(v.union([Change, Read, SignIns])),
      next_cursor: v.exactOptional(v.string()),
    }),
  },
} as const satisfies Contracts;
