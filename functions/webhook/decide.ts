import type { Delivery } from '../../lib/wechat/delivery.ts';
import { checkReply, type Reply } from '../../lib/wechat/reply.ts';

/** What a delivery is answered with; null is `success`: taken, nothing said. */
export type Decide = (delivery: Delivery) => Reply | null;

/**
 * Welcomes whoever subscribes.
 * @throws InvalidReply for a text WeChat would not show
 */
export function welcoming(welcomeText: string | undefined): Decide {
  if (welcomeText === undefined) return () => null;
  const welcome: Reply = { type: 'text', content: welcomeText };
  checkReply(welcome, 'event');
  return (delivery) => (delivery.type === 'event' && delivery.event === 'subscribe' ? welcome : null);
}
