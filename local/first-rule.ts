import { BASE_PATH } from '../lib/http/endpoint.ts';
import { positionAt } from '../lib/replies/rules/place.ts';
import type { ReplyRulesTable } from '../lib/tables/reply-rules.ts';

const ID = 'hello';

/** Creates the sample rule in a new table: it replies to a greeting and says where to change the reply. */
export async function addFirstRule(rules: ReplyRulesTable, now = Date.now()): Promise<void> {
  const at = new Date(now).toISOString();
  await rules.create({
    id: ID,
    position: positionAt([], {}) ?? '',
    name: '问候',
    enabled: true,
    condition: { type: 'text', any_of: [{ comparison: 'contains', value: '你好' }] },
    answer: {
      type: 'text',
      content: `您好！这是示例规则 ${ID} 的回复。改法：PUT ${BASE_PATH}/reply-rules/${ID}，见 README。`,
    },
    created_at: at,
    updated_at: at,
  });
}
