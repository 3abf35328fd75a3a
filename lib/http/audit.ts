import { log } from '../platform/log.ts';
import { metrics } from '../platform/metrics.ts';
import type { AuditEntry, AuditRead } from '../tables/audit.ts';

/** Where every changing call by an operator is written down, and who read what of followers. */
export type Audit = {
  readonly append: (entry: AuditEntry) => Promise<void>;
  readonly appendRead: (read: AuditRead) => Promise<void>;
};

/**
 * What the audit is told about a call beside the request itself: who (a public route names the operator, the guard does
 * it elsewhere) and whom or what it concerns. Nothing is appended while nobody is named. Never a secret, never text of
 * a message.
 */
export type AuditContext = {
  operator?: string | undefined;
  target?: string | undefined;
  /** The openids that a call on many followers concerns. */
  followers?: readonly string[];
  /** The names of the fields that a change names. */
  fields?: readonly string[];
};

const LONGEST_TARGET = 256;
/** A page of a hundred entries stays far below what a Lambda may answer. */
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

/** What was answered stands whatever becomes of its entry: one that cannot be written is in the log, and rings. */
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
