import type { Interaction } from '../../lib/interactions/interaction.ts';
import { createTimeOf, idOf, receivedAtOf } from '../../lib/interactions/keys.ts';
import type { Page } from '../../lib/tables/interactions/history.ts';

/**
 * An interaction in the API: with times instead of keys. `reply` is the reply to a delivery, null if there was none;
 * `operator` is the sender of a message.
 */
const toJson = ({ openid, created, received, day: _day, expires_at: _expiry, ...fields }: Interaction) => ({
  id: idOf({ openid, created }),
  openid,
  created_at: instant(createTimeOf({ created }) * 1000),
  received_at: instant(receivedAtOf({ received })),
  ...fields,
});

const instant = (ms: number): string => new Date(ms).toISOString();

export const pageToJson = ({ interactions, next_cursor }: Page) => ({
  interactions: interactions.map(toJson),
  next_cursor,
});
