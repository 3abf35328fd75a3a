import { AUDIT } from '../../lib/contract/audit.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, routesOf } from '../../lib/http/endpoint.ts';
import type { AuditKind, AuditTable, StoredEntry } from '../../lib/tables/audit.ts';
import { cursorOf, pageQueryOf } from './cursor.ts';

const route = routesOf(AUDIT);

/**
 * The audit, newest first; reads and failed sign-ins are summed up by the hour, at whose beginning they are dated. `to` is
 * now by default, `from` 30 days before. A page may be short: only a missing cursor is the end.
 */
export const audit = (table: AuditTable) => [
  route('GET /audit', 'administrator', async ({ limit, ...query }, { now }) => {
    const page = pageQueryOf(query, now);
    const { entries, before } = await table.newestFirst({ ...page, limit });
    return { entries: entries.map(toJson), ...(before && { next_cursor: cursorOf(page, before) }) };
  }),
];

const toJson = ({ at, ...entry }: StoredEntry<AuditKind>) => ({ time: new Date(at).toISOString(), ...entry });

const office = backOffice();

export const handler = endpoint(audit(office.audit), office);
