import type { Interaction } from '../../lib/interactions/interaction.ts';
import { createTimeOf } from '../../lib/interactions/keys.ts';
import type { History } from '../../lib/tables/interactions/history.ts';
import type { Kind } from '../../lib/wechat/deliveries/delivery.ts';

/** Whether customer-service messages may be sent. `unknown`: the follower did too much in 48 hours to read it all. */
export type Window =
  | { readonly state: 'open'; readonly until: string }
  | { readonly state: 'closed' }
  | { readonly state: 'unknown' };

const MINUTE_MS = 60_000;
const LONGEST_MS = 48 * 60 * MINUTE_MS;

/** How long after it WeChat takes messages (its page "Customer service messages"). Other events open nothing. */
const OPENS_FOR_MS = {
  text: LONGEST_MS,
  image: LONGEST_MS,
  voice: LONGEST_MS,
  video: LONGEST_MS,
  shortvideo: LONGEST_MS,
  location: LONGEST_MS,
  link: LONGEST_MS,
  miniprogrampage: LONGEST_MS,
  file: LONGEST_MS,
  'event.CLICK': MINUTE_MS,
  'event.scancode_push': MINUTE_MS,
  'event.scancode_waitmsg': MINUTE_MS,
  'event.subscribe': MINUTE_MS,
  'event.SCAN': MINUTE_MS,
} as const satisfies Partial<Record<Kind, number>>;

const LEFT: Kind = 'event.unsubscribe';

/**
 * Looks back for what opened the window of a follower, 48 hours at most: to the newest message, since nothing before it
 * lasts longer, or to when the follower left.
 */
export async function windowOf(history: History, openid: string, now: number): Promise<Window> {
  let opened = 0;
  const search = await history.newestOfFollower(openid, now - LONGEST_MS, (interaction) => {
    const span = opensFor(interaction);
    if (span > 0) opened = Math.max(opened, createTimeOf(interaction) * 1000 + span);
    const isLast = span === LONGEST_MS || interaction.kind === LEFT;
    return isLast ? untilWhen(opened, now) : undefined;
  });
  return search.ok ? (search.found ?? untilWhen(opened, now)) : { state: 'unknown' };
}

const untilWhen = (until: number, now: number): Window =>
  until > now ? { state: 'open', until: new Date(until).toISOString() } : { state: 'closed' };

/** A tap on an entry of a `msgmenu` arrives as a text but counts as a tap. Of a new type of message the best is hoped. */
function opensFor({ direction, kind, details }: Interaction): number {
  if (direction === 'out') return 0;
  if (kind === 'text' && details.bizmsgmenuid !== undefined) return MINUTE_MS;
  if (/^unknown\.[^.]*$/.test(kind)) return LONGEST_MS;
  return Object.hasOwn(OPENS_FOR_MS, kind) ? OPENS_FOR_MS[kind as keyof typeof OPENS_FOR_MS] : 0;
}
