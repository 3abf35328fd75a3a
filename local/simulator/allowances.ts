import { Refusal } from './refusal.ts';
import type { Follower, Trigger } from './state.ts';

const MINUTE_MS = 60_000;
const TWO_DAYS_MS = 48 * 3_600_000;

/** The messages that a follower's action permits. @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Service_Center_messages.html */
const GRANTS = {
  message: { left: 5, ms: TWO_DAYS_MS },
  menu: { left: 3, ms: MINUTE_MS },
  follow: { left: 3, ms: MINUTE_MS },
  scan: { left: 3, ms: MINUTE_MS },
} as const satisfies Record<Trigger, object>;

/** The trigger in a delivery; undefined for VIEW, LOCATION, pictures from the menu and others, which permit nothing. */
export function triggerOf(msgtype: string, event = ''): Trigger | undefined {
  if (msgtype.toLowerCase() !== 'event') return 'message';
  const triggers: Record<string, Trigger> = {
    click: 'menu',
    scancode_push: 'menu',
    scancode_waitmsg: 'menu',
    subscribe: 'follow',
    scan: 'scan',
  };
  return triggers[event.toLowerCase()];
}

/** Grants the messages of an action, in place of the rest of an earlier one of its kind. */
export function grant(follower: Follower, trigger: Trigger, now: number): void {
  const { left, ms } = GRANTS[trigger];
  const others = follower.allowances.filter((each) => each.trigger !== trigger);
  follower.allowances = [...others, { trigger, left, until: now + ms }];
}

/** Spends one message of the allowance that ends first. @throws Refusal 45015 if none is open, 45047 if all are spent */
export function spend(follower: Follower, now: number): void {
  const open = follower.allowances.filter(({ until }) => now < until).sort((a, b) => a.until - b.until);
  if (open.length === 0) throw new Refusal(45015);
  const allowance = open.find(({ left }) => left > 0);
  if (!allowance) throw new Refusal(45047);
  allowance.left -= 1;
}
