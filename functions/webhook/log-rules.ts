import { log } from '../../lib/platform/log.ts';
import { metrics } from '../../lib/platform/metrics.ts';
import type { RuleName } from '../../lib/replies/rules/rule.ts';

/** Logs that the reply rules could not be read: the last known ones are used, or the delivery is held, which the alarm counts. */
export function rulesUnread(error: unknown, isServed: boolean): void {
  const reason = { error: error as Error };
  if (isServed) log.warn('the reply rules could not be read, the last known ones are used', reason);
  else {
    const metric = metrics({ name: 'rules_unread', value: 1, unit: 'Count' });
    log.error('the reply rules could not be read', { ...reason, ...metric });
  }
}

/** Logs that the rules exceeded their budget of steps: the delivery is recorded without a reply. */
export function overBudget({ id }: RuleName): void {
  const metric = metrics({ name: 'rules_over_budget', value: 1, unit: 'Count' });
  log.error('the reply rules exceeded their budget of steps', { rule: id, ...metric });
}
