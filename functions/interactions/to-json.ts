import type { Interaction } from '../../lib/interactions/interaction.ts';
import { createTimeOf, idOf, receivedAtOf } from '../../lib/interactions/keys.ts';
import type { Page } from '../../lib/tables/interactions/history.ts';

/**
 * An interaction as the API shows it: with times instead of keys. `reply` is what a delivery was answered with, null for
 * nothing; `operator` is who sent it.
 */
const toJson = ({ openid, created, received, day: _day, expires_at: _expiry, ...shown }: Interaction) => ({
  id: idOf({ openid, created }),
  openid,
  created_at: instant(createTimeOf({ created }) * 1000),
  received_at: instant(receivedAtOf({ received })),
  ...shown,
});

const instant = (ms: number): string => new Date(ms).toISOString();

export const pageToJson = ({ interactions, next_cursor }: Page) => ({
  interactions: interactions.map(toJson),
  next_cursor,
});
