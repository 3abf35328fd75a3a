import * as v from 'valibot';
import { mustContinue, readCursor, writeCursor } from '../../lib/platform/cursor.ts';
import type { AuditKind, AuditTableQuery } from '../../lib/tables/audit.ts';

/** The query of a request; times in milliseconds. */
export type AuditQuery = {
  readonly kind?: AuditKind | undefined;
  readonly operator?: string | undefined;
  readonly action?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly cursor?: string | undefined;
};

type PageQuery = Omit<AuditTableQuery, 'limit'>;

const DEFAULT_SPAN_MS = 30 * 24 * 60 * 60 * 1000;

/** Entries of this millisecond count, those of the next are yet to come. */
const NOW_MS = 1;

/** The last millisecond that a `Date` knows. */
const LATEST_MS = 8.64e15;

const Cursor = v.strictObject({
  kind: v.optional(v.picklist(['changes', 'reads', 'sign-ins'])),
  from: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(LATEST_MS)),
  operator: v.optional(v.string()),
  action: v.optional(v.string()),
  before: v.pipe(
    v.string(),
    v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z(#[\x20-\x7e]{1,300})?$/),
    v.check((before) => !Number.isNaN(Date.parse(before.slice(0, before.indexOf('Z') + 1)))),
  ),
});

/** The question that a request asks; with a cursor the one it belongs to, which must not be asked otherwise. */
export function pageQueryOf({ cursor, to, ...asked }: AuditQuery, now: number): PageQuery {
  if (cursor === undefined) {
    const before = to ?? now + NOW_MS;
    return { ...asked, from: asked.from ?? Math.max(0, before - DEFAULT_SPAN_MS), before };
  }
  return mustContinue<PageQuery>(readCursor(Cursor, cursor), asked);
}

/** The query, whose beginning must not move from page to page, and where to read on. */
export const cursorOf = ({ kind, from, operator, action }: PageQuery, before: string): string =>
  writeCursor({ kind, from, operator, action, before });
