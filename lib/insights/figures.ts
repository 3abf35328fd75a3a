import { type Active, addActive, mergeActive } from './active.ts';
import { type Behaviour, eventName, isAct, isMessage, isOperatorsMessage, menuTap, scene } from './behaviour.ts';
import { addCount, type Counts, mergeCounts } from './counts.ts';
import { mergeQuantiles, noQuantiles, type Quantiles } from './sketches/ddsketch.ts';
import type { Hashes } from './sketches/hash.ts';
import { addTop, mergeTop, noTop, type Top } from './sketches/top-k.ts';
import { addText, mergeTexts, noTexts, type Texts } from './texts.ts';

/** The figures of a period. They grow by counting interactions and by merging other figures. */
export type Figures = {
  /** By type, by event. */
  readonly messages: Counts;
  readonly events: Counts;
  /** Followers who did something (`isAct`). */
  readonly active: Active;
  /** By event and key; by event and scene. */
  readonly menu: Top;
  readonly scenes: Top;
  readonly texts: Texts;
  /** Deliveries by the rule or handler that answered them. */
  readonly answered_by: Top;
  /** Sent by operators. */
  answers: number;
  /** The time that followers waited for the first of them: see `waits.ts`. */
  readonly waits: Quantiles;
  /** When the first of what was counted expires, in seconds since 1970: from then on it cannot be counted anew. */
  expires: number;
};

export const noFigures = (): Figures => ({
  messages: new Map(),
  events: new Map(),
  active: new Map(),
  menu: noTop(),
  scenes: noTop(),
  texts: noTexts(),
  answered_by: noTop(),
  answers: 0,
  waits: noQuantiles(),
  expires: Number.POSITIVE_INFINITY,
});

/** Counts one interaction; the time an answer took is for `waits.ts`. */
export function count(figures: Figures, interaction: Behaviour, hashes: Hashes): void {
  figures.expires = Math.min(figures.expires, interaction.expires_at ?? Number.POSITIVE_INFINITY);
  if (interaction.direction === 'out') {
    if (isOperatorsMessage(interaction)) figures.answers += 1;
    return;
  }
  if (isAct(interaction)) addActive(figures.active, hashes, interaction.openid);
  addTop(figures.answered_by, interaction.answered_by ?? '');
  if (isMessage(interaction)) countMessage(figures, interaction, hashes);
  else countEvent(figures, interaction, eventName(interaction) ?? '');
}

function countMessage({ messages, texts }: Figures, { kind, openid, details }: Behaviour, hashes: Hashes): void {
  addCount(messages, kind);
  if (kind === 'text' && typeof details.content === 'string') addText(texts, details.content, openid, hashes);
}

function countEvent({ events, menu, scenes }: Figures, interaction: Behaviour, event: string): void {
  addCount(events, event);
  addTop(menu, menuTap(interaction, event) ?? '');
  addTop(scenes, scene(interaction, event) ?? '');
}

export function merge(into: Figures, from: Figures): void {
  mergeCounts(into.messages, from.messages);
  mergeCounts(into.events, from.events);
  mergeActive(into.active, from.active);
  mergeTop(into.menu, from.menu);
  mergeTop(into.scenes, from.scenes);
  mergeTexts(into.texts, from.texts);
  mergeTop(into.answered_by, from.answered_by);
  into.answers += from.answers;
  mergeQuantiles(into.waits, from.waits);
  into.expires = Math.min(into.expires, from.expires);
}
