import { log } from '../log.ts';
import type { AuditEntry } from '../tables/audit.ts';

/** Where every changing call by an operator is written down. */
export type Audit = { readonly append: (entry: AuditEntry) => Promise<void> };

/**
 * What the audit is told about a call beside the request itself: who (a public route names the operator, the guard does
 * it elsewhere) and whom or what it concerns. Nothing is appended while nobody is named. Never a secret, never text of
 * a message.
 */
export type Note = { operator?: string | undefined; target?: string | undefined };

const LONGEST_TARGET = 256;

/** The answer stands whatever becomes of its entry: one that cannot be kept in the table is kept in the log. */
export async function appendTo(audit: Audit, note: Note, call: Omit<AuditEntry, keyof Note>): Promise<void> {
  if (note.operator === undefined) return;
  const target = note.target?.slice(0, LONGEST_TARGET);
  const entry = { ...call, operator: note.operator, ...(target && { target }) };
  try {
    await audit.append(entry);
  } catch (error) {
    log.error('a call is missing from the audit', { entry, error: error as Error });
  }
}
