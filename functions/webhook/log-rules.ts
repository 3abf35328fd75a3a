import { log } from '../../lib/platform/log.ts';
import { metrics } from '../../lib/platform/metrics.ts';
import type { Named } from '../../lib/replies/rules/rule.ts';

/** The reply rules could not be read: the last known ones serve, or the delivery is held. The alarm counts the latter. */
export function rulesUnread(error: unknown, isServed: boolean): void {
  const reason = { error: error as Error };
  if (isServed) log.warn('the last known reply rules serve, the newest could not be read', reason);
  else {
    const metric = metrics({ name: 'rules_unread', value: 1, unit: 'Count' });
    log.error('the reply rules could not be read', { ...reason, ...metric });
  }
}

/** Deciding took more steps than it may: the delivery is recorded without a reply. */
export function overBudget({ id }: Named): void {
  const metric = metrics({ name: 'rules_over_budget', value: 1, unit: 'Count' });
  log.error('the reply rules take more steps than they may', { rule: id, ...metric });
}
