import type { Delivery } from '../wechat/delivery.ts';

/** What the webhook asks `functions/slow-replies` for: a slow handler's answer to one delivery. */
export type SlowReplyRequest = {
  readonly delivery: Delivery;
  /** The delivery's key in the follower's history. */
  readonly created: string;
  readonly kind: string;
};
