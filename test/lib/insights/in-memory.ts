import { type Figures, noFigures } from '../../../lib/insights/figures.ts';
import { readHours, unlimited } from '../../../lib/insights/read-hours.ts';
import type { StoredFigures } from '../../../lib/insights/stored.ts';
import type { Interaction } from '../../../lib/interactions/interaction.ts';
import { HASHES } from '../../support/hashes.ts';

/** The hour that the interactions lie in. */
export const HOUR = Date.parse('2026-11-22T13:00:00Z');
export const HOUR_MS = 3_600_000;

/** Interactions in memory, in the order given. */
const inMemory = (interactions: readonly Interaction[]) => {
  const byFollower = new Map<string, Interaction[]>();
  for (const interaction of interactions) {
    const { openid } = interaction;
    byFollower.set(openid, byFollower.get(openid) ?? []);
    byFollower.get(openid)?.push(interaction);
  }
  return {
    async *between() {
      yield* interactions;
    },
    async *ofFollowerBetween(openid: string) {
      yield* byFollower.get(openid) ?? [];
    },
  };
};
/** The figures of interactions that all lie in `HOUR`. */
export const figuresFor = async (interactions: readonly Interaction[]): Promise<Figures> =>
  (await readHours({ history: inMemory(interactions), hashes: HASHES }, HOUR, HOUR + HOUR_MS, unlimited())).get(HOUR) ??
  noFigures();

/** A row as it comes back from the table. */
export const throughJson = (stored: StoredFigures): StoredFigures => JSON.parse(JSON.stringify(stored));
