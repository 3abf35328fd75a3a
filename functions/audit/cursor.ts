import * as v from 'valibot';
import { badParameter } from '../../lib/http/error.ts';
import type { AuditKind, AuditTableQuery } from '../../lib/tables/audit.ts';

/** What a request asks, times in milliseconds. */
export type AuditQuery = {
  readonly kind?: AuditKind | undefined;
  readonly operator?: string | undefined;
  readonly action?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly cursor?: string | undefined;
};

type Question = Omit<AuditTableQuery, 'limit'>;

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
  before: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z(#[\x20-\x7e]{1,300})?$/)),
});

/** The question that a request asks; with a cursor the one it belongs to, which must not be asked otherwise. */
export function questionOf({ cursor, to, ...asked }: AuditQuery, now: number): Question {
  if (cursor === undefined) {
    const before = to ?? now + NOW_MS;
    return { ...asked, from: asked.from ?? Math.max(0, before - DEFAULT_SPAN_MS), before };
  }
  const question = readCursor(cursor);
  for (const name of ['kind', 'from', 'operator', 'action'] as const) {
    if (asked[name] !== undefined && asked[name] !== question[name]) {
      throw badParameter('cursor', `belongs to another ${name}`);
    }
  }
  return question;
}

/** Opaque to callers: the question, whose beginning must not move from page to page, and where to read on. */
export const writeCursor = ({ kind, from, operator, action }: Question, before: string): string =>
  Buffer.from(JSON.stringify({ kind, from, operator, action, before })).toString('base64url');

function readCursor(cursor: string): Question {
  const result = v.safeParse(Cursor, jsonIn(Buffer.from(cursor, 'base64url').toString()));
  if (!result.success || Number.isNaN(Date.parse(result.output.before.split('#')[0] ?? ''))) {
    throw badParameter('cursor', 'is not one of ours');
  }
  return result.output;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
