import * as v from 'valibot';
import { backOffice } from '../../lib/http/back-office.ts';
import { endpoint, route } from '../../lib/http/endpoint.ts';
import { query } from '../../lib/http/input.ts';
import { instant, limit } from '../../lib/http/paging.ts';
import type { AuditEntry, AuditTable } from '../../lib/tables/audit.ts';
import { questionOf, writeCursor } from './cursor.ts';

const name = v.pipe(v.string(), v.nonEmpty('must not be empty'), v.maxLength(128, 'must be at most 128 characters'));

const Search = v.strictObject({
  operator: v.optional(name),
  action: v.optional(name),
  from: v.optional(instant),
  to: v.optional(instant),
  cursor: v.optional(v.string()),
  limit,
});

/** Newest first. Without `to` until now, without `from` the 30 days before; a page may be short, only a missing cursor is the end. */
export const audit = (table: AuditTable) => [
  route('GET /audit', 'administrator', query(Search), async ({ limit, ...asked }, { now }) => {
    const question = questionOf(asked, now);
    const { entries, before } = await table.newestFirst({ ...question, limit });
    return { entries: entries.map(shown), ...(before && { next_cursor: writeCursor(question, before) }) };
  }),
];

const shown = ({ at, ...entry }: AuditEntry) => ({ time: new Date(at).toISOString(), ...entry });

const office = backOffice();

export const handler = endpoint(audit(office.audit), office);
