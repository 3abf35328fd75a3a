import { isFields } from './call.ts';
import { ERRMSGS } from './refusal.ts';

const KINDS = ['slow', 'errcode', 'expire-token', 'cut', 'html', 'empty'] as const;

/**
 * A fault of a call: it is delayed by `ms`, fails with an errcode, its token expires first, its connection is cut, or the
 * response is a gateway's HTML page or empty.
 */
export type Fault =
  | { kind: 'slow'; ms: number }
  | { kind: 'errcode'; errcode: number }
  | { kind: 'expire-token' }
  | { kind: 'cut' }
  | { kind: 'html' }
  | { kind: 'empty' };

/** A fault for the next `times` calls of `path` (of any API when absent). */
export type PlannedFault = { path?: string | RegExp; times: number; fault: Fault };

/** Takes the next fault for a path. */
export function takeFault(planned: PlannedFault[], path: string): Fault | undefined {
  const index = planned.findIndex((each) => each.times > 0 && concerns(each, path));
  const due = planned[index];
  if (!due) return undefined;
  due.times -= 1;
  if (due.times === 0) planned.splice(index, 1);
  return due.fault;
}

function concerns({ path }: PlannedFault, called: string): boolean {
  if (path === undefined) return true;
  return typeof path === 'string' ? path === called : new RegExp(path.source, path.flags.replace('g', '')).test(called);
}

/** Reads a fault from JSON, where `path` is a string. @throws TypeError with the reason if it is invalid */
export function readPlannedFault(value: unknown): PlannedFault {
  if (!isFields(value)) throw new TypeError('a fault is {"path"?, "times"?, "fault": {"kind", …}}');
  const { path, times = 1 } = value;
  if (path !== undefined && typeof path !== 'string') throw new TypeError('path must be a string');
  if (typeof times !== 'number' || !Number.isInteger(times) || times < 1)
    throw new TypeError('times must be 1 or more');
  return { ...(path !== undefined && { path }), times, fault: readFault(value.fault) };
}

function readFault(value: unknown): Fault {
  const { kind, ms, errcode } = isFields(value) ? value : {};
  if (!KINDS.some((known) => known === kind)) throw new TypeError(`fault.kind must be one of ${KINDS.join(', ')}`);
  if (kind === 'slow' && typeof ms === 'number' && ms >= 0) return { kind, ms };
  if (kind === 'slow') throw new TypeError('fault.ms must be a number of milliseconds');
  if (kind === 'errcode' && typeof errcode === 'number') return { kind, errcode };
  if (kind === 'errcode') throw new TypeError('fault.errcode must be a number');
  return { kind } as Fault;
}

/** The errmsg of any errcode, also of one that only a planned fault produces. */
export function errmsgOf(errcode: number): string {
  return (ERRMSGS as Record<number, string>)[errcode] ?? 'error';
}
