import { bodyOf, type Fields, isFields } from './call.ts';
import { countCall } from './quotas.ts';
import { Refusal } from './refusal.ts';
import type { AccountState } from './state.ts';
import { forceStable, issueClassic, issueStable, mayForce } from './tokens.ts';

/** A call with the AppSecret in place of a token; `ip` is the caller's address. */
export type TokenCall = {
  accountOf: (appid: string) => { state: AccountState; appSecret: string } | undefined;
  query: (name: string) => string | undefined;
  raw: string;
  ip: string;
  now: number;
};

/** The two calls that issue tokens. Only they check the account's allow-list. */
export const tokenApis = {
  'GET /cgi-bin/token': (call: TokenCall): Fields => {
    const names = ['grant_type', 'appid', 'secret'];
    const account = authenticate(call, Object.fromEntries(names.map((name) => [name, call.query(name)])));
    countCall(account, '/cgi-bin/token', call.now);
    return issueClassic(account, call.now);
  },
  'POST /cgi-bin/stable_token': (call: TokenCall): Fields => {
    const body = bodyOf(call.raw);
    const account = authenticate(call, body);
    countCall(account, '/cgi-bin/stable_token', call.now);
    if (body.force_refresh !== true || !mayForce(account, call.now)) return issueStable(account, call.now);
    countCall(account, 'force_refresh', call.now);
    return forceStable(account, call.now);
  },
};

function authenticate(call: TokenCall, input: unknown): AccountState {
  const { grant_type, appid, secret } = isFields(input) ? input : {};
  if (grant_type !== 'client_credential') throw new Refusal(40002);
  if (!appid) throw new Refusal(41002);
  if (!secret) throw new Refusal(41004);
  const account = call.accountOf(String(appid));
  if (!account) throw new Refusal(40013);
  if (secret !== account.appSecret) throw new Refusal(40125);
  const { allowed_ips } = account.state;
  if (allowed_ips && !allowed_ips.includes(call.ip)) {
    throw new Refusal(40164, { detail: ` ${call.ip} ipv6 ::ffff:${call.ip}, not in whitelist` });
  }
  return account.state;
}
