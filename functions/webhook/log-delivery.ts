import { createHmac } from 'node:crypto';
import { log } from '../../lib/log.ts';
import { metrics } from '../../lib/metrics.ts';

/** What became of one request to the webhook. The metric `deliveries` counts them, the alarms read it. */
export type Verdict = 'recorded' | 'repeated' | 'held' | 'forged' | 'malformed' | 'lost';

const LEVELS = {
  recorded: 'info',
  repeated: 'info',
  held: 'info',
  forged: 'warn',
  malformed: 'warn',
  lost: 'error',
} as const satisfies Record<Verdict, string>;

/** One line for each request, with `request_id` and never a text, a query string or an openid. */
export function logDelivery(verdict: Verdict, facts: Readonly<Record<string, unknown>>, replyMs?: number): void {
  const counted = { name: 'deliveries', value: 1, unit: 'Count', by: ['verdict', verdict] } as const;
  const timed = replyMs === undefined ? [] : [{ name: 'reply_ms', value: replyMs, unit: 'Milliseconds' } as const];
  log[LEVELS[verdict]]('delivery', { ...facts, ...metrics(counted, ...timed) });
}

/** Tells followers apart in the log without naming them; only who has the account's Token can make the same. */
export const pseudonym = (openid: string, token: string): string =>
  createHmac('sha256', token).update(openid).digest('base64url').slice(0, 12);
