import type { Delivery } from '../../lib/wechat/deliveries/delivery.ts';

/** A verified, decrypted and parsed delivery; times in milliseconds. */
export type Arrival = {
  readonly delivery: Delivery;
  /** Among its follower's interactions: repetitions of a delivery have the same. */
  readonly sortKey: string;
  readonly kind: string;
  readonly start: number;
  /** The time at which API Gateway received it. */
  readonly receivedAt: number;
};
