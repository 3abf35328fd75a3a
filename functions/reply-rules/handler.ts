import { randomUUID } from 'node:crypto';
import { REPLY_RULES } from '../../lib/contract/reply-rules.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, reading, routesOf } from '../../lib/http/endpoint.ts';
import { readConfig } from '../../lib/platform/config.ts';
import { stepsOf } from '../../lib/replies/rules/budget.ts';
import { COMPARISON_RULE } from '../../lib/replies/rules/comparing.ts';
import { LIMITS } from '../../lib/replies/rules/limits.ts';
import { replyRulesTable } from '../../lib/tables/reply-rules.ts';
import { newRule, replacement, ruleTest } from './input.ts';
import { ruleList } from './rule-list.ts';
import { type Ports, testRules } from './try.ts';

const route = routesOf(REPLY_RULES);

export const replyRules = (ports: Ports) => {
  const list = ruleList(ports.rules, randomUUID);
  return [
    route('GET /reply-rules', 'reply-rules:read', async () => {
      const reply_rules = await list.inOrder();
      return { reply_rules, steps: await stepsOf(reply_rules), comparison: COMPARISON_RULE, limits: LIMITS };
    }),
    route('POST /reply-rules', 'reply-rules:write', async (draft, { now, auditContext }) => {
      const rule = await list.add(await newRule(draft), now);
      auditContext.target = rule.id;
      return rule;
    }),
    reading(
      route('POST /reply-rules/try', 'reply-rules:read', (input) => testRules(ports, ruleTest(input, ports.now()))),
    ),
    route('GET /reply-rules/{id}', 'reply-rules:read', (_, { params }) => list.one(params.id)),
    route('PUT /reply-rules/{id}', 'reply-rules:write', async (draft, { params, now }) =>
      list.replace(params.id, await replacement(draft, params.id), now),
    ),
    route('DELETE /reply-rules/{id}', 'reply-rules:write', (_, { params }) => list.remove(params.id)),
  ];
};

const office = backOffice();
const { REPLY_RULES_TABLE } = readConfig(['REPLY_RULES_TABLE']);

export const handler = endpoint(
  replyRules({ rules: replyRulesTable(office.db, REPLY_RULES_TABLE), now: office.now, random: Math.random }),
  office,
);
