import * as v from 'valibot';
import type { Contracts } from './contract.ts';
import { time } from './fields.ts';
import { instant, limit } from './paging.ts';

const name = v.pipe(v.string(), v.nonEmpty('must not be empty'), v.maxLength(128, 'must be at most 128 characters'));

const Entry = v.strictObject({
  time,
  operator: v.string(),
  action: v.string(),
  target: v.exactOptional(v.string()),
  status: v.number(),
  errcode: v.number(),
  request_id: v.string(),
  address: v.string(),
});

export const AUDIT = {
  'GET /audit': {
    query: v.strictObject({
      operator: v.optional(name),
      action: v.optional(name),
      from: v.optional(instant),
      to: v.optional(instant),
      cursor: v.optional(v.string()),
      limit,
    }),
    response: v.strictObject({ entries: v.array(Entry), next_cursor: v.exactOptional(v.string()) }),
  },
} as const satisfies Contracts;
