import type { Interaction } from '../interactions/interaction.ts';
import { isNobodys } from '../interactions/keys.ts';
import { kindOfEvent } from '../wechat/deliveries/events.ts';

/** Maps interactions to behaviour. Unknown kinds are counted, but are no follower's action. */

export type Behaviour = Interaction & { readonly answered_by?: string };

const EVENT = /^(unknown\.)?event\./;

export const isMessage = ({ direction, kind }: Interaction): boolean => direction === 'in' && !EVENT.test(kind);

/** `CLICK` of `event.CLICK`, `unknown.CLICK_2` of `unknown.event.CLICK_2`; undefined of a message. */
export const eventName = ({ kind }: Pick<Interaction, 'kind'>): string | undefined =>
  EVENT.test(kind) ? kind.replace('event.', '') || 'unknown' : undefined;

/** Sent by a person; what the account sends by itself names no operator. */
export const isOperatorsMessage = ({ direction, operator }: Interaction): boolean =>
  direction === 'out' && operator !== undefined;

/** True if an interaction shows that the follower follows the account, or may: unknown kinds count. */
export const mayShowFollowing = (interaction: Pick<Interaction, 'direction' | 'kind'>): boolean =>
  interaction.direction === 'in' && (kindOfEvent(eventName(interaction) ?? '')?.showsFollowing ?? true);

/** True if an interaction shows that the follower was active. */
export function isAct(interaction: Interaction): boolean {
  if (interaction.direction !== 'in' || isNobodys(interaction.openid)) return false;
  const event = eventName(interaction);
  return event === undefined
    ? !/^(unknown\.|unreadable$)/.test(interaction.kind)
    : (kindOfEvent(event)?.isAct ?? false);
}

/** The target of a menu event: its event and key, URL or page. */
export const menuTap = (interaction: Interaction, event: string): string | undefined =>
  kindOfEvent(event)?.behaviour === 'menuAction' ? named(interaction, event) : undefined;

/** The QR code behind a subscription or a scan: its event and scene. */
export const scene = (interaction: Interaction, event: string): string | undefined =>
  kindOfEvent(event)?.names === 'scene' ? named(interaction, event) : undefined;

/** The event, which has no blank, and the rest. */
export function splitName(name: string): readonly [event: string, rest: string] {
  const at = name.indexOf(' ');
  return [name.slice(0, at), name.slice(at + 1)];
}

function named({ details }: Interaction, event: string): string | undefined {
  const name = details[kindOfEvent(event)?.names ?? ''];
  return typeof name === 'string' && name !== '' ? `${event} ${name}` : undefined;
}
