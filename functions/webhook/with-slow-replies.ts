import { log } from '../../lib/platform/log.ts';
import { isLong } from '../../lib/replies/prepared.ts';
import { replied } from '../../lib/slow-replies/protocol.ts';
import { type Tap, tapIn } from '../../lib/slow-replies/tap-link.ts';
import type { RecordResult } from '../../lib/tables/interactions/record.ts';
import type { Reply } from '../../lib/wechat/callback/passive-reply.ts';
import type { Delivery } from '../../lib/wechat/deliveries/delivery.ts';
import type { Arrival } from './arrival.ts';
import type { Decide, Decision } from './decide.ts';
import type { SlowReplies } from './slow-replies.ts';

type Ports = {
  readonly decide: (delivery: Delivery) => Promise<Decision>;
  /** Loads the module when a delivery needs it; most do not. */
  readonly slowReplies: () => Promise<SlowReplies>;
  /** True if a slow handler is registered: then each message also brings waiting replies, at the cost of a read. */
  readonly bringsWaiting: boolean;
};

/**
 * Wraps `decide` with slow replies: a tap on a link precedes handlers and rules, a text above WeChat's limit is sent in
 * parts, a slow handler is waited for, and waiting replies come with the next message.
 */
export function withSlowReplies({ decide, slowReplies, bringsWaiting }: Ports): Decide {
  return async (delivery, arrived) => {
    const tap = tapIn(delivery);
    const fetched = tap && (await fetch(tap, arrived));
    if (fetched !== undefined) return fetched;
    const decision = await decide(delivery);
    if (isLong(decision.reply)) return inParts(decision.reply, decision, arrived);
    if (!bringsWaiting || decision.isUndecided) return decision;
    const gift = isMessage(delivery) ? await given(decision, arrived) : undefined;
    return decision.slow || gift ? slowly(decision, gift, arrived) : decision;
  };

  /** The reply to a tap. If it cannot be read, WeChat's next attempt decides. */
  async function fetch(tap: Tap, arrived: Arrival): Promise<Decision | undefined> {
    try {
      return await (await slowReplies()).fetch(tap, arrived);
    } catch (error) {
      log.warn('the reply to a tap could not be read', { error: (error as Error).name });
      return { reply: null, isUndecided: true };
    }
  }

  /** A long reply in parts. If they cannot be stored, only the first is sent, and the others are logged as lost. */
  async function inParts(reply: Reply, decision: Decision, arrived: Arrival): Promise<Decision> {
    const { first, afterwards } = await (await slowReplies()).inParts(reply, decision, arrived);
    return { ...decision, reply: first, afterwards };
  }

  /** The waiting replies for this message. If they cannot be read, they wait for the next one. */
  async function given({ reply }: Decision, arrived: Arrival): Promise<Reply | undefined> {
    try {
      return await (await slowReplies()).give(reply, arrived);
    } catch (error) {
      log.warn("a follower's waiting replies could not be read", { error: (error as Error).name });
      return undefined;
    }
  }

  async function slowly(decision: Decision, gift: Reply | undefined, arrived: Arrival): Promise<Decision> {
    const replies = await slowReplies();
    const reply = gift === undefined ? decision.reply : replies.joined(gift, decision.reply);
    const afterwards = async (recorded: RecordResult) => {
      if (gift !== undefined && recorded.isRepeated) await replies.takeBack(gift, recorded.reply, arrived);
      return decision.slow === undefined ? replied(recorded.reply) : replies.attempt(decision, recorded, arrived);
    };
    return { ...decision, reply, afterwards };
  }
}

const isMessage = ({ type }: Delivery): boolean => type !== 'event' && type !== 'unknown';
