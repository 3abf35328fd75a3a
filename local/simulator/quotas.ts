import { type Apis, bodyOf, OK } from './call.ts';
import { type Errcode, Refusal } from './refusal.ts';
import type { AccountState } from './state.ts';

type Period = 'minute' | 'day' | 'month';
type Quota = { most: number; per: Period; errcode: Errcode };

const perDay = (most: number): Quota[] => [{ most, per: 'day', errcode: 45009 }];

/** The typical limits of a verified account. */
const QUOTAS: Record<string, Quota[]> = {
  '/cgi-bin/token': perDay(2000),
  '/cgi-bin/stable_token': [{ most: 10_000, per: 'minute', errcode: 45011 }, ...perDay(500_000)],
  force_refresh: perDay(20),
  '/cgi-bin/menu/create': perDay(1000),
  '/cgi-bin/menu/get': perDay(10_000),
  '/cgi-bin/menu/delete': perDay(1000),
  '/cgi-bin/menu/addconditional': perDay(2000),
  '/cgi-bin/menu/delconditional': perDay(2000),
  '/cgi-bin/menu/trymatch': perDay(20_000),
  '/cgi-bin/user/info': perDay(500_000),
  '/cgi-bin/user/get': perDay(500),
  '/cgi-bin/user/info/updateremark': perDay(10_000),
  '/cgi-bin/message/custom/send': perDay(500_000),
  '/cgi-bin/message/template/send': perDay(100_000),
  '/cgi-bin/clear_quota': [{ most: 10, per: 'month', errcode: 48006 }],
};

/** clear_quota: resets the day's and the minute's counts of every API, ten times a month. */
export const quotaApis: Apis = {
  'POST /cgi-bin/clear_quota': ({ account, raw }) => {
    if (bodyOf(raw).appid !== account.appid) throw new Refusal(40013);
    const monthly = Object.entries(account.usage).filter(([key]) => key.endsWith(' month'));
    account.usage = Object.fromEntries(monthly);
    return OK;
  },
};

/** Counts a call of an API. Days are those of Beijing. @throws Refusal, without counting, if the quota is spent */
export function countCall(account: AccountState, api: string, now: number): void {
  for (const { most, per, errcode } of QUOTAS[api] ?? []) {
    const key = `${api} ${per}`;
    const period = periodOf(per, now);
    const used = account.usage[key]?.period === period ? account.usage[key].count : 0;
    if (used >= most) throw new Refusal(errcode);
    account.usage[key] = { period, count: used + 1 };
  }
}

function periodOf(per: Period, now: number): string {
  const beijing = new Date(now + 8 * 3_600_000).toISOString();
  return beijing.slice(0, { minute: 16, day: 10, month: 7 }[per]);
}
