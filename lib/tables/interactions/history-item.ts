import * as v from 'valibot';
import type { Interaction } from '../../interactions/interaction.ts';
import { RECEIVED_KEY, SORT_KEY } from '../../interactions/keys.ts';
import { log } from '../../platform/log.ts';
import { replyIn } from '../../wechat/callback/passive-reply.ts';

/** The fields of an interaction that this version knows. A reply of a later version's type is left out. */
const Stored = v.pipe(
  v.object({
    openid: v.string(),
    created: v.pipe(v.string(), v.regex(SORT_KEY)),
    day: v.string(),
    received: v.pipe(v.string(), v.regex(RECEIVED_KEY)),
    direction: v.picklist(['in', 'out']),
    kind: v.string(),
    details: v.record(v.string(), v.unknown()),
    reply: v.exactOptional(v.unknown()),
    answered_by: v.exactOptional(v.string()),
    decided_in_ms: v.exactOptional(v.number()),
    pending: v.exactOptional(v.literal(true)),
    operator: v.exactOptional(v.string()),
    expires_at: v.exactOptional(v.number()),
  }),
  v.transform(({ reply: stored, ...interaction }): Interaction => {
    const reply = replyIn(stored);
    return { ...interaction, ...(reply !== undefined && { reply }) };
  }),
);

/**
 * The interaction in an item; undefined, and logged, for one that cannot be read: it takes no page of the history and no
 * figure with it.
 */
export function interactionIn(item: Readonly<Record<string, unknown>>): Interaction | undefined {
  const { success, output, issues } = v.safeParse(Stored, item);
  if (success) return output;
  log.error('an interaction could not be read', { sort_key: item.created, attribute: v.getDotPath(issues[0]) });
  return undefined;
}
