import { eventName } from '../../lib/insights/behaviour.ts';
import type { Interaction } from '../../lib/interactions/interaction.ts';
import { createTimeOf } from '../../lib/interactions/keys.ts';
import type { History } from '../../lib/tables/interactions/history.ts';
import { EVENTS, kindOfEvent, LEFT } from '../../lib/wechat/deliveries/events.ts';
import { MESSAGE_OPENS_FOR_MS, opensForMs } from '../../lib/wechat/deliveries/messages.ts';

/** The window for customer-service messages. `unknown`: the follower's last 48 hours have too much to read. */
export type Window =
  | { readonly state: 'open'; readonly until: string }
  | { readonly state: 'closed' }
  | { readonly state: 'unknown' };

/**
 * The window of a follower. Reads back at most 48 hours: to the newest message, since no earlier one keeps the window open
 * longer, or to the unsubscription.
 */
export async function windowOf(history: History, openid: string, now: number): Promise<Window> {
  let opened = 0;
  const search = await history.newestOfFollower(openid, now - MESSAGE_OPENS_FOR_MS, (interaction) => {
    const span = opensFor(interaction);
    if (span > 0) opened = Math.max(opened, createTimeOf(interaction) * 1000 + span);
    const isLast = span === MESSAGE_OPENS_FOR_MS || interaction.kind === LEFT;
    return isLast ? untilWhen(opened, now) : undefined;
  });
  return search.ok ? (search.found ?? untilWhen(opened, now)) : { state: 'unknown' };
}

const untilWhen = (until: number, now: number): Window =>
  until > now ? { state: 'open', until: new Date(until).toISOString() } : { state: 'closed' };

/** A tap on an entry of a `msgmenu` arrives as a text but counts as a tap. Of a new type of message the best is hoped. */
function opensFor({ direction, kind, details }: Interaction): number {
  if (direction === 'out') return 0;
  if (kind === 'text' && details.bizmsgmenuid !== undefined) return EVENTS.CLICK.opensForMs;
  if (/^unknown\.[^.]*$/.test(kind)) return MESSAGE_OPENS_FOR_MS;
  const event = eventName({ kind });
  return event === undefined ? opensForMs(kind) : (kindOfEvent(event)?.opensForMs ?? 0);
}
