import type { Interaction } from '../interactions/interaction.ts';
import { isNobodys } from '../interactions/keys.ts';

/** How interactions are read as behaviour. Unknown kinds are counted, and are nobody's act. */

export type Behaviour = Interaction & { readonly answered_by?: string };

const EVENT = /^(unknown\.)?event\./;

export const isMessage = ({ direction, kind }: Interaction): boolean => direction === 'in' && !EVENT.test(kind);

/** `CLICK` of `event.CLICK`, `unknown.CLICK_2` of `unknown.event.CLICK_2`; undefined of a message. */
export const eventName = ({ kind }: Pick<Interaction, 'kind'>): string | undefined =>
  EVENT.test(kind) ? kind.replace('event.', '') || 'unknown' : undefined;

/** Sent by a person; what the account sends by itself names no operator. */
export const isOperatorsMessage = ({ direction, operator }: Interaction): boolean =>
  direction === 'out' && operator !== undefined;

/** Which fact of a menu event names what was tapped. */
const MENU = {
  CLICK: 'key',
  VIEW: 'url',
  view_miniprogram: 'pagepath',
  scancode_push: 'key',
  scancode_waitmsg: 'key',
  pic_sysphoto: 'key',
  pic_photo_or_album: 'key',
  pic_weixin: 'key',
  location_select: 'key',
} as const;

/** Events a follower causes by doing something; the others report what happened to them, or to the account. */
const ACTS: ReadonlySet<string> = new Set([
  ...Object.keys(MENU),
  'subscribe',
  'SCAN',
  'LOCATION',
  'subscribe_msg_popup_event',
  'user_enter_tempsession',
  'user_get_card',
  'user_gifting_card',
  'user_del_card',
  'user_pay_from_pay_cell',
  'user_view_card',
  'user_enter_session_from_card',
  'submit_membercard_user_info',
  'user_scan_product',
  'user_scan_product_enter_session',
  'WifiConnected',
  'ShakearoundUserShake',
]);

/** What WeChat reports also of somebody who does not follow: they did nothing in the account. */
const REPORTS: ReadonlySet<string> = new Set([
  'TEMPLATESENDJOBFINISH',
  'MASSSENDJOBFINISH',
  'PUBLISHJOBFINISH',
  'subscribe_msg_sent_event',
  'kf_close_session',
  'user_info_modified',
  'user_authorization_revoke',
  'user_authorization_cancellation',
  'card_pass_check',
  'card_not_pass_check',
  'card_sku_remind',
  'update_invoice_status',
]);

export const LEFT = 'event.unsubscribe';

/** Whether it shows that its follower follows the account, or at least may: what nobody has heard of counts. */
export const mayShowFollowing = (interaction: Pick<Interaction, 'direction' | 'kind'>): boolean =>
  interaction.direction === 'in' && interaction.kind !== LEFT && !REPORTS.has(eventName(interaction) ?? '');

/** Whether it shows that its follower was there. */
export function isAct(interaction: Interaction): boolean {
  if (interaction.direction !== 'in' || isNobodys(interaction.openid)) return false;
  const event = eventName(interaction);
  return event === undefined ? !/^(unknown\.|unreadable$)/.test(interaction.kind) : ACTS.has(event);
}

/** What a menu event taps: its event and key, URL or page. */
export function menuTap({ details }: Interaction, event: string): string | undefined {
  return isMenuEvent(event) ? named(event, details[MENU[event]]) : undefined;
}

/** The QR code behind a subscription or a scan: its event and scene. */
export const scene = ({ details }: Interaction, event: string): string | undefined =>
  event === 'subscribe' || event === 'SCAN' ? named(event, details.scene) : undefined;

/** The event, which has no blank, and the rest. */
export function splitName(name: string): readonly [event: string, rest: string] {
  const at = name.indexOf(' ');
  return [name.slice(0, at), name.slice(at + 1)];
}

const isMenuEvent = (event: string): event is keyof typeof MENU => Object.hasOwn(MENU, event);

const named = (event: string, rest: unknown): string | undefined =>
  typeof rest === 'string' && rest !== '' ? `${event} ${rest}` : undefined;
