import * as v from 'valibot';
import { Draft, Reply, RuleTest } from '../replies/rules/shape.ts';
import type { Contracts } from './contract.ts';
import { Done } from './failures.ts';
import { time } from './fields.ts';

const { name, window, condition, answer } = Draft.entries;

export const Rule = v.strictObject({
  id: v.string(),
  position: v.string(),
  name,
  enabled: v.boolean(),
  window,
  condition,
  answer,
  created_at: time,
  updated_at: time,
});

/** A new rule. The fields that the service sets are refused here; a PUT may repeat them. */
const NewRule = v.omit(Draft, ['id', 'position', 'created_at', 'updated_at']);

const Named = v.strictObject({ id: v.string(), name: v.string() });

export const REPLY_RULES = {
  'GET /reply-rules': {
    response: v.strictObject({
      reply_rules: v.array(Rule),
      steps: v.number(),
      comparison: v.string(),
      limits: v.record(v.string(), v.number()),
    }),
  },
  'POST /reply-rules': { json: NewRule, response: Rule },
  'POST /reply-rules/try': {
    json: RuleTest,
    response: v.strictObject({
      rule: v.nullable(Named),
      reply: v.nullable(Reply),
      passed: v.array(v.strictObject({ ...Named.entries, why: v.string() })),
      unreachable: v.array(v.strictObject({ ...Named.entries, because: v.array(Named) })),
      text_from: v.nullable(v.picklist(['content', 'recognition'])),
      steps: v.number(),
      over_budget_at: v.exactOptional(Named),
      comparison: v.string(),
    }),
  },
  'GET /reply-rules/{id}': { response: Rule },
  'PUT /reply-rules/{id}': { json: Draft, response: Rule },
  'DELETE /reply-rules/{id}': { response: Done },
} as const satisfies Contracts;
