import { grant, triggerOf } from './allowances.ts';
import { type AccountState, type Follower, newFollower } from './state.ts';

/** An action of a follower, as in a delivery (`FromUserName`, `MsgType`, `Event`, `EventKey`). */
export type Action = { openid: string; msgtype: string; event?: string | undefined; eventkey?: string | undefined };

/** WeChat's openids begin with an o. */
export function isOpenid(value: unknown): value is string {
  return typeof value === 'string' && /^o[\w-]{0,127}$/.test(value);
}

/** Stores an action: its author is a follower, and it may permit messages for a time. */
export function follow(
  account: AccountState,
  { openid, msgtype, event, eventkey = '' }: Action,
  now: number,
): Follower {
  const known = account.followers[openid];
  const follower = known?.subscribe ? known : { ...newFollower(openid, now), ...(known && { remark: known.remark }) };
  account.followers[openid] = follower;
  const name = event?.toLowerCase();
  if (name === 'unsubscribe') Object.assign(follower, { subscribe: false, tagid_list: [], allowances: [] });
  if (name === 'subscribe' && eventkey.startsWith('qrscene_')) {
    follower.subscribe_scene = 'ADD_SCENE_QR_CODE';
    follower.qr_scene_str = eventkey.slice('qrscene_'.length);
  }
  const trigger = triggerOf(msgtype, event);
  if (trigger) grant(follower, trigger, now);
  return follower;
}
