import { randomUUID } from 'node:crypto';
import { readConfig } from '../../lib/config.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, reading, route } from '../../lib/http/endpoint.ts';
import { nothing } from '../../lib/http/input.ts';
import { stepsOf } from '../../lib/reply-rules/budget.ts';
import { COMPARISON_RULE } from '../../lib/reply-rules/comparing.ts';
import { LIMITS } from '../../lib/reply-rules/limits.ts';
import { replyRulesTable } from '../../lib/tables/reply-rules.ts';
import { newRule, trial } from './asked.ts';
import { ruleList } from './rule-list.ts';
import { type Ports, tryRules } from './try.ts';

export const replyRules = (ports: Ports) => {
  const list = ruleList(ports.rules, randomUUID);
  return [
    route('GET /reply-rules', 'reply-rules:read', nothing, async () => {
      const reply_rules = await list.inOrder();
      return { reply_rules, steps: await stepsOf(reply_rules), comparison: COMPARISON_RULE, limits: LIMITS };
    }),
    route('POST /reply-rules', 'reply-rules:write', newRule, async (wanted, { now, note }) => {
      const rule = await list.add(wanted, now);
      note.target = rule.id;
      return rule;
    }),
    reading(route('POST /reply-rules/try', 'reply-rules:read', trial(ports.now), (tried) => tryRules(ports, tried))),
    route('GET /reply-rules/{id}', 'reply-rules:read', nothing, (_, { params }) => list.one(params.id)),
    route('PUT /reply-rules/{id}', 'reply-rules:write', newRule, (wanted, { params, now }) =>
      list.replace(params.id, wanted, now),
    ),
    route('DELETE /reply-rules/{id}', 'reply-rules:write', nothing, (_, { params }) => list.remove(params.id)),
  ];
};

const office = backOffice();
const { REPLY_RULES_TABLE } = readConfig(['REPLY_RULES_TABLE']);

export const handler = endpoint(
  replyRules({ rules: replyRulesTable(office.db, REPLY_RULES_TABLE), now: office.now, random: Math.random }),
  office,
);
