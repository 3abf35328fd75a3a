import { badParameter } from '../../lib/http/error.ts';
import type { Interaction } from '../../lib/interactions/interaction.ts';
import { createTimeOf, idOf, receivedAtOf } from '../../lib/interactions/keys.ts';
import { hasCode } from '../../lib/platform/error.ts';
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

/** A page as the API shows it; a cursor that belongs elsewhere is a malformed parameter. */
export async function pageToJson(reading: Promise<Page>) {
  const { interactions, next_cursor } = await reading.catch((error: unknown) => {
    throw hasCode(error, 'WRONG_CURSOR') ? badParameter('cursor', error.message) : error;
  });
  return { interactions: interactions.map(toJson), next_cursor };
}
