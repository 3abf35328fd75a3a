import { type CustomMessage, checkCustomMessage } from '../wechat/api/customer-service-message.ts';
import type { Reply } from '../wechat/callback/passive-reply.ts';
import { MOST_MESSAGES, type PendingReply } from './protocol.ts';
import { linkTo, partWithLink } from './tap-link.ts';

/** One message, and its content as recorded in the history; `isLink` if it is only a link to the part. */
export type PartMessage = {
  readonly message: CustomMessage;
  readonly reply: Reply;
  readonly part: number;
  readonly isLink?: true;
};

/** The messages of a reply from a part on: at most two, the second with a link if parts are left. */
export function messagesFrom(pending: PendingReply, from: number): readonly PartMessage[] {
  const { parts = [] } = pending;
  const end = Math.min(parts.length, from + MOST_MESSAGES);
  return parts.slice(from, end).map((reply, index) => {
    const part = from + index;
    const content = part + 1 === end ? (partWithLink(pending, part) ?? reply) : reply;
    return { part, ...asMessage(pending, part, content) };
  });
}

/**
 * A reply that cannot be a message (a video without a thumb_media_id, a hand-over to customer service, several articles,
 * music without a URL) becomes a link to it.
 */
function asMessage(pending: PendingReply, part: number, reply: Reply): Omit<PartMessage, 'part'> {
  const message = messageOf(reply);
  if (message !== undefined) return { message, reply };
  const link = linkTo(pending, part);
  return {
    message: { msgtype: 'text', text: { content: link } },
    reply: { type: 'text', content: link },
    isLink: true,
  };
}

function messageOf({ type, ...content }: Reply): CustomMessage | undefined {
  if (type === 'transfer_customer_service') return undefined;
  try {
    return checkCustomMessage({ msgtype: type, [type]: content });
  } catch {
    return undefined;
  }
}
