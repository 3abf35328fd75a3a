import { log } from '../../lib/platform/log.ts';
import { withTimeLimit } from '../../lib/platform/time-limit.ts';
import { merged } from '../../lib/replies/merge.ts';
import { logFailedReply } from '../../lib/replies/prepared.ts';
import { type AttemptPorts, slowAttempt } from '../../lib/slow-replies/attempt.ts';
import { partsOf } from '../../lib/slow-replies/parts-of.ts';
import { MOST_BYTES, type Outcome, type PendingReply, replied } from '../../lib/slow-replies/protocol.ts';
import { newTap, partWithLink, referenceOf, type Tap } from '../../lib/slow-replies/tap-link.ts';
import { keepWaiting, waitingReplies } from '../../lib/slow-replies/waiting.ts';
import type { RecordResult } from '../../lib/tables/interactions/record.ts';
import { InvalidReply, type Reply } from '../../lib/wechat/callback/passive-reply.ts';
import type { Arrival } from './arrival.ts';
import type { Decision } from './decide.ts';

export type SlowReplies = ReturnType<typeof slowReplies>;

/** The time limit of reading waiting replies, while WeChat waits. */
const GIVING_MS = 1_000;

/** Slow and long replies for the webhook: adapts `lib/slow-replies` to arrivals and decisions. */
export function slowReplies(ports: AttemptPorts) {
  const waiting = waitingReplies(ports);
  const attempt = slowAttempt(ports);

  return {
    /** The reply to a tap; undefined for a word if nothing waits. */
    async fetch(tap: Tap, arrived: Arrival): Promise<Decision | undefined> {
      return waiting.fetch(tap, receiverOf(arrived), ports.waitingText);
    },

    /** The waiting replies that can be merged with a reply. */
    give: (own: Reply | null, arrived: Arrival): Promise<Reply | undefined> =>
      withTimeLimit(GIVING_MS, (signal) => waiting.give(receiverOf(arrived), own, signal)),

    joined: (gift: Reply, own: Reply | null): Reply => merged(gift, own) ?? gift,

    takeBack: (gift: Reply, recorded: Reply | null, arrived: Arrival): Promise<void> =>
      waiting.takeBack(receiverOf(arrived), gift, recorded),

    /** One of WeChat's attempts at a delivery of a slow handler. */
    attempt: (
      { answered_by, slow }: Decision,
      { reply: before, receivedAt: firstReceivedAt }: RecordResult,
      arrived: Arrival,
    ) => {
      const { delivery, sortKey, kind, receivedAt } = arrived;
      const { waitingText } = slow ?? {};
      const by = answered_by ?? kind;
      return attempt({ delivery, sortKey, kind, answered_by: by, waitingText, receivedAt, firstReceivedAt, before });
    },

    /** The first part of a text above WeChat's limit, and the function that sends the rest once it is recorded. */
    async inParts(reply: Reply, { answered_by }: Decision, arrived: Arrival) {
      const { parts, isCutOff } = partsOf(reply);
      if (isCutOff)
        logFailedReply(arrived.kind, new InvalidReply('content', `is longer than ${MOST_BYTES} bytes: cut off there`));
      const stored = await storedParts(parts, answered_by ?? arrived.kind, arrived);
      if (stored === undefined) return { first: parts[0] ?? null, afterwards: replyAsRecorded };
      const { pending, maySend } = stored;
      const first = maySend ? pending.parts?.[0] : partWithLink(pending, 0);
      return {
        first: first ?? null,
        afterwards: (recorded: RecordResult) => replyAndSendRest(recorded, maySend, arrived),
      };
    },
  };

  async function storedParts(
    parts: readonly Reply[],
    answered_by: string,
    arrived: Arrival,
  ): Promise<{ pending: PendingReply; maySend: boolean } | undefined> {
    try {
      const pending = await ports.table.keepLong(placeOf(arrived), { tap: newTap(), answered_by }, parts);
      return { pending, maySend: (await ports.table.maySend()) === true };
    } catch (error) {
      log.warn('the parts of a long reply could not be stored', { error: (error as Error).name });
      logFailedReply(
        arrived.kind,
        new InvalidReply('content', `has ${parts.length} parts, of which the first goes out`),
      );
      return undefined;
    }
  }

  /** If the account may not, or is not known to, send messages, the rest waits as well as being sent. */
  async function replyAndSendRest({ reply }: RecordResult, maySend: boolean, arrived: Arrival): Promise<Outcome> {
    const { delivery, sortKey, kind } = arrived;
    if (!maySend) await keepWaiting(ports.table, placeOf(arrived), { part: 1, is_linked: true });
    await ports.start({ delivery, sortKey, kind }).catch(async (error) => {
      log.warn('the slow-replies function could not be started', { kind, error: (error as Error).name });
      await keepWaiting(ports.table, placeOf(arrived), { part: 1 });
    });
    return replied(reply);
  }
}

const replyAsRecorded = async ({ reply }: RecordResult): Promise<Outcome> => replied(reply);

const receiverOf = ({ delivery, sortKey }: Arrival) => ({ openid: delivery.from, sortKey });

const placeOf = ({ delivery, sortKey }: Arrival) => ({ openid: delivery.from, reference: referenceOf(sortKey) });
