import { log } from '../../lib/platform/log.ts';
import { isLong } from '../../lib/replies/prepared.ts';
import { replied } from '../../lib/slow-replies/protocol.ts';
import { type Tap, tapIn } from '../../lib/slow-replies/tap-link.ts';
import type { RecordResult } from '../../lib/tables/interactions/record.ts';
import type { Reply } from '../../lib/wechat/callback/passive-reply.ts';
import type { Delivery } from '../../lib/wechat/deliveries/delivery.ts';
import type { Arrival } from './arrived.ts';
import type { Decide, Decision } from './decide.ts';
import type { SlowReplies } from './slow-replies.ts';

type Ports = {
  readonly decide: (delivery: Delivery) => Promise<Decision>;
  /** Loaded when it is needed: most deliveries need none of it. */
  readonly slowReplies: () => Promise<SlowReplies>;
  /** Whether a slow handler is registered: only then does the next message bring what waits, which costs it a read. */
  readonly bringsWaiting: boolean;
};

/**
 * Decides with the slow replies around it: a tap on one of their links comes before handlers and rules, a text that is
 * longer than WeChat takes goes out in parts, a slow handler is waited for, and what waits comes with the next message.
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

  /** What cannot be read is decided anew by WeChat's repetition. */
  async function fetch(tap: Tap, arrived: Arrival): Promise<Decision | undefined> {
    try {
      return await (await slowReplies()).fetch(tap, arrived);
    } catch (error) {
      log.warn('what a tap fetches could not be read', { error: (error as Error).name });
      return { reply: null, isUndecided: true };
    }
  }

  /** Also when the parts could not be kept: then the first goes out, and the log says that the others are lost. */
  async function inParts(reply: Reply, decision: Decision, arrived: Arrival): Promise<Decision> {
    const { first, afterwards } = await (await slowReplies()).inParts(reply, decision, arrived);
    return { ...decision, reply: first, afterwards };
  }

  /** What could not be read waits for a further message. */
  async function given({ reply }: Decision, arrived: Arrival): Promise<Reply | undefined> {
    try {
      return await (await slowReplies()).give(reply, arrived);
    } catch (error) {
      log.warn('what waits for a follower could not be read', { error: (error as Error).name });
      return undefined;
    }
  }

  async function slowly(decision: Decision, gift: Reply | undefined, arrived: Arrival): Promise<Decision> {
    const replies = await slowReplies();
    const reply = gift === undefined ? decision.reply : replies.joined(gift, decision.reply);
    const afterwards = async (kept: RecordResult) => {
      if (gift !== undefined && kept.isRepeated) await replies.takeBack(gift, kept.reply, arrived);
      return decision.slow === undefined ? replied(kept.reply) : replies.attempt(decision, kept, arrived);
    };
    return { ...decision, reply, afterwards };
  }
}

const isMessage = ({ type }: Delivery): boolean => type !== 'event' && type !== 'unknown';
