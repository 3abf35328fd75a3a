import { log } from '../platform/log.ts';
import { metrics } from '../platform/metrics.ts';
import type { AuditEntry, AuditRead } from '../tables/audit.ts';

/** The record of every changing call by an operator, and of reads of followers' data. */
export type Audit = {
  readonly append: (entry: AuditEntry) => Promise<void>;
  readonly appendRead: (read: AuditRead) => Promise<void>;
};

/**
 * The facts for an audit entry beside the request itself: the operator (named by a public route itself, elsewhere by
 * authentication) and the subject of the action. Without an operator nothing is appended. Never a secret, never text of a
 * message.
 */
export type AuditContext = {
  operator?: string | undefined;
  target?: string | undefined;
  /** The openids, for a call on several followers. */
  followers?: readonly string[];
  /** The names of the changed fields. */
  fields?: readonly string[];
};

const LONGEST_TARGET = 256;
/** A page of a hundred entries stays far below the largest response of a Lambda (6 MB). */
const MOST_FOLLOWERS = 100;

type Call = Omit<AuditEntry, keyof AuditContext | 'followers_total'>;

/** Appends a changing call. */
export async function appendTo(
  audit: Audit,
  { operator, target, followers, fields }: AuditContext,
  call: Call,
): Promise<void> {
  if (operator === undefined) return;
  const entry = {
    ...call,
    operator,
    ...named(target),
    ...(followers && firstOf(followers)),
    ...(fields && { fields }),
  };
  await orLog(entry, audit.append(entry));
}

/** Appends a read of followers' data. */
export async function appendReadTo(
  audit: Audit,
  { operator, target }: AuditContext,
  call: Omit<AuditRead, 'operator' | 'target'>,
): Promise<void> {
  if (operator === undefined) return;
  const read = { ...call, operator, ...named(target) };
  await orLog(read, audit.appendRead(read));
}

/** Waits for an entry. A failure does not change the response: it is logged, and raises an alarm by its metric. */
export async function orLog(entry: object, writing: Promise<unknown>): Promise<void> {
  await writing.catch((error: Error) => {
    const missing = metrics({ name: 'audit_missing', value: 1, unit: 'Count' });
    log.error('an entry is missing from the audit', { entry, error, ...missing });
  });
}

const named = (target: string | undefined) => target && { target: target.slice(0, LONGEST_TARGET) };

const firstOf = (followers: readonly string[]) => ({
  followers: followers.slice(0, MOST_FOLLOWERS),
  followers_total: followers.length,
});
