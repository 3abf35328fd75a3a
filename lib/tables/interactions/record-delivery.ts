import type { Delivery, Event, Unreadable } from '../../wechat/deliveries/delivery.ts';
import type { DeliveryRecord, Recorder, RecordResult } from './record.ts';

/** A delivery whose write failed to the end, with how it would have been recorded: what `npm run recover` needs. */
export type Lost = {
  readonly delivery: Delivery | Unreadable;
  readonly taken: DeliveryRecord;
  /** In plain mode a captured query vouches for any body: an unreadable one may be anybody's. */
  readonly isUnproven?: true;
};

/** Records a delivery by the function for what the follower did. */
export function recordDelivery(
  record: Recorder,
  delivery: Delivery | Unreadable,
  taken: DeliveryRecord,
): Promise<RecordResult> {
  if (delivery.type === 'unreadable') return record.unreadable(delivery, taken);
  if (delivery.type === 'unknown') return record.unknown(delivery, taken);
  return delivery.type === 'event' ? recordEvent(record, delivery, taken) : record.message(delivery, taken);
}

function recordEvent(record: Recorder, event: Event, taken: DeliveryRecord): Promise<RecordResult> {
  switch (event.event) {
    case 'subscribe':
    case 'unsubscribe':
      return record.subscription(event, taken);
    case 'SCAN':
      return record.scan(event, taken);
    case 'LOCATION':
      return record.location(event, taken);
    case 'CLICK':
    case 'VIEW':
    case 'view_miniprogram':
    case 'scancode_push':
    case 'scancode_waitmsg':
    case 'pic_sysphoto':
    case 'pic_photo_or_album':
    case 'pic_weixin':
    case 'location_select':
      return record.menuAction(event, taken);
    case 'TEMPLATESENDJOBFINISH':
    case 'MASSSENDJOBFINISH':
    case 'PUBLISHJOBFINISH':
      return record.jobResult(event, taken);
    default:
      return record.notice(event, taken);
  }
}
