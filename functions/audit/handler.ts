import { AUDIT } from '../../lib/contract/audit.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, routesOf } from '../../lib/http/endpoint.ts';
import type { AuditKind, AuditTable, Shown } from '../../lib/tables/audit.ts';
import { cursorOf, questionOf } from './cursor.ts';

const route = routesOf(AUDIT);

/**
 * Newest first; reads and failed sign-ins by the hour, whose beginning is their time. Without `to` until now, without
 * `from` the 30 days before; a page may be short, only a missing cursor is the end.
 */
export const audit = (table: AuditTable) => [
  route('GET /audit', 'administrator', async ({ limit, ...asked }, { now }) => {
    const question = questionOf(asked, now);
    const { entries, before } = await table.newestFirst({ ...question, limit });
    return { entries: entries.map(shown), ...(before && { next_cursor: cursorOf(question, before) }) };
  }),
];

const shown = ({ at, ...entry }: Shown<AuditKind>) => ({ time: new Date(at).toISOString(), ...entry });

const office = backOffice();

export const handler = endpoint(audit(office.audit), office);
