import type { Interaction } from '../../lib/interactions/interaction.ts';
import { placed } from '../../lib/interactions/interaction.ts';
import { sortKeyOf } from '../../lib/interactions/keys.ts';
import { put } from './tables.ts';

let made = 0;

/** A text as the webhook would have recorded it at a time (ms). Say only what matters. */
export function anInteraction(openid: string, at: number, but: Partial<Interaction> = {}): Interaction {
  const identity = `made-${++made}`;
  return {
    openid,
    created: sortKeyOf(Math.floor(at / 1000), identity),
    ...placed({ shards: 2, retentionDays: undefined }, at, identity),
    direction: 'in',
    kind: 'text',
    details: { content: '在吗' },
    reply: null,
    ...but,
  };
}

/** One that is in the table. */
export async function stored(...interaction: Parameters<typeof anInteraction>): Promise<Interaction> {
  const item = anInteraction(...interaction);
  await put('interactions', [item]);
  return item;
}
