import type { Delivery } from '../../lib/wechat/deliveries/delivery.ts';

/** A delivery that has been proven, opened and read; times in milliseconds. */
export type Arrival = {
  readonly delivery: Delivery;
  /** Among its follower's interactions: repetitions of a delivery have the same. */
  readonly sortKey: string;
  readonly kind: string;
  readonly start: number;
  /** When it reached API Gateway. */
  readonly receivedAt: number;
};
