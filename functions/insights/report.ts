import type { ResponseOf } from '../../lib/contract/contract.ts';
import type { INSIGHTS } from '../../lib/contract/insights.ts';
import { badParameter } from '../../lib/http/error.ts';
import { aggregate, MOST_READ_LIVE, type Sources } from '../../lib/insights/aggregate.ts';
import { DAY_MS, hourFrom, hourOf } from '../../lib/insights/hours.ts';
import { type By, type Period, periodsOf } from '../../lib/insights/periods.ts';
import type { Allowance } from '../../lib/insights/read-hours.ts';
import { summary } from '../../lib/insights/summary.ts';
import { localDay, readTime, readZone, startOfDay } from '../../lib/insights/zone.ts';
import { hasCode } from '../../lib/platform/error.ts';
import type { Zone } from '../../lib/platform/time-zone.ts';

export type Ports = Pick<Sources, 'history' | 'hashes' | 'rows'> & { readonly now: () => number };

export type ReportQuery = {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly by: By;
  readonly timezone: string;
};

type Report = ResponseOf<(typeof INSIGHTS)['GET /insights']>;

/** The default range: whole days, the last one included. */
const DEFAULT_DAYS = 7;
const MOST_DAYS = { hour: 31, day: 400, week: 400 } as const satisfies Record<By, number>;

/** The time limit of reading; the rest is left out. API Gateway hangs up after 30 s. */
const READING_TIME_MS = 18_000;

/** The report. `from` and `to` are rounded outward to whole hours, which the response names. */
export async function report(ports: Ports, { by, timezone, ...query }: ReportQuery, now: number): Promise<Report> {
  const zone = zoneIn(timezone);
  const { from, to } = spanOf(query, by, zone, now);
  const allowance = allowanceFrom(now, ports.now);
  const sources: Sources = { ...ports, now, allowance };
  const periods: Report['periods'][number][] = [];
  const totals = await aggregate(sources, cut({ from, to }, by, zone), (period, figures) =>
    periods.push({ ...inWords(period), ...summary(figures) }),
  );
  const before = { from: from - (to - from), to: from };
  const preceding = await aggregate(sources, [before], () => undefined);
  return {
    ...inWords({ from, to }),
    by,
    timezone,
    partial: allowance.ranOut,
    periods,
    totals: summary(totals),
    preceding: { ...inWords(before), totals: summary(preceding) },
  };
}

function zoneIn(name: string): Zone {
  const zone = readZone(name);
  if (zone === undefined)
    throw badParameter('timezone', 'must be a zone such as Asia/Shanghai, or whole hours as +08:00');
  return zone;
}

function spanOf(query: Pick<ReportQuery, 'from' | 'to'>, by: By, zone: Zone, now: number): Period {
  const to = hourFrom(timeIn('to', query.to, zone) ?? now);
  const from = hourOf(
    timeIn('from', query.from, zone) ?? startOfDay(localDay(to - 1, zone) - (DEFAULT_DAYS - 1), zone),
  );
  if (from >= to) throw badParameter('from', 'must be before to');
  if (to - from > MOST_DAYS[by] * DAY_MS)
    throw badParameter('from', `by ${by}, at most ${MOST_DAYS[by]} days before to`);
  return { from, to };
}

function timeIn(name: string, text: string | undefined, zone: Zone): number | undefined {
  if (text === undefined) return undefined;
  const moment = readTime(text, zone);
  if (moment === undefined) throw badParameter(name, 'must be ISO 8601, a day or a time with its offset from UTC');
  return moment;
}

function cut(span: Period, by: By, zone: Zone): Period[] {
  try {
    return periodsOf(span, by, zone);
  } catch (error) {
    if (hasCode(error, 'BROKEN_HOURS')) throw badParameter('timezone', error.message);
    throw error;
  }
}

const allowanceFrom = (start: number, now: () => number): Allowance => ({
  left: MOST_READ_LIVE,
  isLate: () => now() - start > READING_TIME_MS,
  ranOut: false,
});

const inWords = ({ from, to }: Period) => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
