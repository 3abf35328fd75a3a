import type { Delivery, Unreadable } from '../../wechat/deliveries/delivery.ts';
import { EVENTS } from '../../wechat/deliveries/events.ts';
import type { DeliveryRecord, Recorder, RecordResult } from './record.ts';

/** A delivery whose write failed to the end, with how it would have been recorded: what `npm run recover` needs. */
export type Lost = {
  readonly delivery: Delivery | Unreadable;
  readonly taken: DeliveryRecord;
  /** In plain mode a captured query vouches for any body: an unreadable one may be anybody's. */
  readonly isUnproven?: true;
};

/** Records a delivery by the function for its behaviour. */
export function recordDelivery(
  record: Recorder,
  delivery: Delivery | Unreadable,
  taken: DeliveryRecord,
): Promise<RecordResult> {
  if (delivery.type === 'unreadable') return record.unreadable(delivery, taken);
  if (delivery.type === 'unknown') return record.unknown(delivery, taken);
  if (delivery.type !== 'event') return record.message(delivery, taken);
  return record[EVENTS[delivery.event].behaviour](delivery, taken);
}
