import { type Errcode, Refusal } from './refusal.ts';
import type { AccountState, Follower } from './state.ts';

/** A present or former follower; undefined if unknown. */
export function followerOf(account: AccountState, openid: unknown): Follower | undefined {
  return typeof openid === 'string' && Object.hasOwn(account.followers, openid) ? account.followers[openid] : undefined;
}

/** The errcode for an openid that is malformed, of another account, or no longer following. */
export function troubleWithOpenid(account: AccountState, openid: unknown): Errcode | undefined {
  const follower = followerOf(account, openid);
  if (follower) return follower.subscribe ? undefined : 50005;
  return typeof openid === 'string' && /^o[\w-]{27}$/.test(openid) ? 49003 : 40003;
}

/** A present follower. @throws Refusal 40003, 49003 or 50005 */
export function requireFollower(account: AccountState, openid: unknown): Follower {
  const trouble = troubleWithOpenid(account, openid);
  const follower = followerOf(account, openid);
  if (trouble !== undefined || !follower) throw new Refusal(trouble ?? 40003);
  return follower;
}

/** A page of openids after `cursor` ('': the first), without `data` if it is empty. @throws Refusal 40003 for an unknown cursor */
export function pageOf(openids: readonly string[], cursor: string, size: number) {
  const start = cursor === '' ? 0 : openids.indexOf(cursor) + 1;
  if (cursor !== '' && start === 0) throw new Refusal(40003);
  const openid = openids.slice(start, start + size);
  const last = openid.at(-1);
  return last === undefined
    ? { count: 0, next_openid: '' }
    : { count: openid.length, data: { openid }, next_openid: last };
}
