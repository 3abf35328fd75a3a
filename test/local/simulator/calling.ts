import { SIMULATED_ACCOUNT } from '../../../local/simulator/account.ts';
import { createSimulatedWeChat, type Options } from '../../../local/simulator/app.ts';
import type { AccountState } from '../../../local/simulator/state.ts';

export const NOON = Date.UTC(2026, 0, 1, 4);
export const FOLLOWER = 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M';
export const SECOND = 'ocYxcuAEy30bX0NXmGn4ypqx3tI0';

type Answer = { errcode?: number; errmsg?: string; access_token: string; expires_in: number; [field: string]: unknown };

/** A simulated WeChat with a clock to turn, and short ways to call it. */
export function calling(options: Options = {}) {
  const clock = { now: NOON };
  const simulated = createSimulatedWeChat({ now: () => clock.now, ...options });
  const account = simulated.state.accounts[SIMULATED_ACCOUNT.appId] as AccountState;
  const ask = async (path: string, init?: RequestInit) => {
    const response = await simulated.fetch(`https://api.weixin.qq.com${path}`, init);
    return (await response.json()) as Answer;
  };
  const send = (path: string, body: unknown) => {
    return ask(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
  };
  const { appId, appSecret } = SIMULATED_ACCOUNT;
  const credential = { grant_type: 'client_credential', appid: appId, secret: appSecret };
  const classic = (changed = {}) => ask(`/cgi-bin/token?${new URLSearchParams({ ...credential, ...changed })}`);
  const stable = (changed = {}) => send('/cgi-bin/stable_token', { ...credential, ...changed });
  const held = { token: '', since: Number.NEGATIVE_INFINITY };
  const query = async () => {
    if (clock.now - held.since > 3_600_000) {
      held.token = (await stable()).access_token;
      held.since = clock.now;
    }
    return `access_token=${held.token}`;
  };
  const get = async (path: string, more = '') => ask(`/cgi-bin/${path}?${await query()}${more}`);
  const post = async (path: string, body: unknown) => send(`/cgi-bin/${path}?${await query()}`, body);
  return { simulated, account, clock, ask, send, classic, stable, get, post };
}
