import { countActive, countedTwice, isActiveEstimated } from './active.ts';
import { splitName } from './behaviour.ts';
import { byCount, type Counts, totalOf } from './counts.ts';
import type { Figures } from './figures.ts';
import { countDurations, isBucketed, QUANTILE_ERROR, quantile } from './sketches/ddsketch.ts';
import { DISTINCT_ERROR } from './sketches/distinct.ts';
import { highest } from './sketches/top-k.ts';
import { shown } from './texts.ts';

/** A list shows as many as this. */
const MOST_LISTED = 20;

/**
 * The error bound of a figure: as a share of it; by what may be counted twice; for each count of a list, by what may be
 * missing from it.
 */
type Bound = { readonly relative?: number; readonly over_by_at_most?: number; readonly short_by_at_most?: number };

/** Figures as the API answers them. What is not named in `approximate` is exact. */
export function summary(figures: Figures) {
  const subscribed = figures.events.get('subscribe') ?? 0;
  const unsubscribed = figures.events.get('unsubscribe') ?? 0;
  return {
    messages: { total: totalOf(figures.messages), by_type: listed(figures.messages) },
    events: { total: totalOf(figures.events), by_type: listed(figures.events) },
    followers: {
      new: subscribed,
      lost: unsubscribed,
      net: subscribed - unsubscribed,
      active: countActive(figures.active),
    },
    menu: highest(figures.menu, MOST_LISTED).map(([name, count]) => {
      const [event, key] = splitName(name);
      return { event, key, count };
    }),
    texts: shown(figures.texts, MOST_LISTED),
    scenes: highest(figures.scenes, MOST_LISTED).map(([name, count]) => {
      const [event, scene] = splitName(name);
      return { event, scene, count };
    }),
    answered_by: highest(figures.answered_by, MOST_LISTED).map(([rule, count]) => ({ rule, count })),
    answers: figures.answers,
    first_answers: {
      count: countDurations(figures.waits),
      median_seconds: seconds(quantile(figures.waits, 0.5)),
      p95_seconds: seconds(quantile(figures.waits, 0.95)),
    },
    ...approximate(figures),
  };
}

function approximate({ active, waits, menu, scenes, texts, answered_by }: Figures): {
  approximate?: Readonly<Record<string, Bound>>;
} {
  const bounds: Record<string, Bound> = {
    ...ofActive(active),
    ...(isBucketed(waits) && { first_answers: { relative: QUANTILE_ERROR } }),
  };
  for (const [name, { missed }] of Object.entries({ menu, scenes, texts, answered_by })) {
    if (missed > 0) bounds[name] = { short_by_at_most: missed };
  }
  return Object.keys(bounds).length > 0 ? { approximate: bounds } : {};
}

function ofActive(active: Figures['active']): Record<string, Bound> {
  const twice = countedTwice(active);
  const bound = {
    ...(isActiveEstimated(active) && { relative: rounded(DISTINCT_ERROR) }),
    ...(twice > 0 && { over_by_at_most: twice }),
  };
  return Object.keys(bound).length > 0 ? { 'followers.active': bound } : {};
}

const listed = (counts: Counts): Record<string, number> => Object.fromEntries([...counts].sort(byCount));

const seconds = (milliseconds: number | undefined): number | null =>
  milliseconds === undefined ? null : rounded(milliseconds / 1000);

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
