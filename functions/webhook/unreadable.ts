import { type DeliveryRecord, isTooLong, type Recorder } from '../../lib/tables/interactions/record.ts';
import type { Lost } from '../../lib/tables/interactions/record-delivery.ts';
import { hintOf, RefusedCallback } from '../../lib/wechat/callback/callback.ts';
import type { Unreadable } from '../../lib/wechat/deliveries/delivery.ts';
import { allowance, logDelivery } from './log-delivery.ts';
import { NotRecorded, notRecorded } from './reply.ts';

type Ports = {
  readonly record: Recorder;
  readonly now: () => number;
  readonly sealed?: ((lost: Lost) => Promise<string>) | undefined;
};

type Circumstances = {
  /** In milliseconds. */
  readonly receivedAt: number;
  readonly facts: Readonly<Record<string, unknown>>;
  /** True if encryption proves that WeChat sent it. */
  readonly isProven: boolean;
};

export type KeepUnreadable = ReturnType<typeof keepingUnreadable>;

const MINUTE_MS = 60_000;
/** The limit for a process: an attacker who knows the Token can splice captured messages, and must not fill the table. */
const RECORDED_IN_A_MINUTE = 10;

/**
 * Records unreadable deliveries in the table, at most ten a minute and process, else sealed in the log. Content that does
 * not fit into the item is sealed as well. In plain mode, where a captured query is valid for any body, all are only
 * sealed.
 */
export function keepingUnreadable({ record, now, sealed }: Ports) {
  const hasRoom = allowance(RECORDED_IN_A_MINUTE, MINUTE_MS, now);

  /**
   * @throws NotRecorded if it is stored nowhere and proven
   * @throws RefusedCallback if it is stored nowhere and unproven
   */
  return async (delivery: Unreadable, sortKey: string, { receivedAt, facts, isProven }: Circumstances) => {
    const { reason: code, raw } = delivery;
    const taken: DeliveryRecord = { sortKey, receivedAt, kind: 'unreadable', reply: null };
    const isRecorded = isProven && hasRoom();
    if (isRecorded) await record.unreadable(delivery, taken).catch(notRecorded(taken));
    const left =
      isRecorded && !isTooLong(raw)
        ? undefined
        : await seal({ delivery, taken, ...(!isProven && { isUnproven: true }) });
    if (!isRecorded && left === undefined) {
      if (!isProven) throw new RefusedCallback('unreadable');
      throw new NotRecorded(taken, new Error('more than ten a minute, and no RECOVERY_KEY to seal it'));
    }
    logDelivery('unreadable', { ...facts, code, hint: hintOf(code), sealed: left });
  };

  async function seal(lost: Lost): Promise<string | undefined> {
    return sealed?.(lost).catch(() => undefined);
  }
}
