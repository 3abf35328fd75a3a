import type { Interaction } from '../interactions/interaction.ts';
import { createTimeOf, receivedAtOf } from '../interactions/keys.ts';
import { isMessage, isOperatorsMessage } from './behaviour.ts';

export type Wait = { readonly answeredAt: number; readonly milliseconds: number };

/** As long as WeChat lets an operator answer: older messages are given up, not answered. */
export const MEMORY_MS = 48 * 3_600_000;

/** The most by which WeChat's clock may be ahead of ours. */
export const SKEW_MS = 5 * 60_000;

/**
 * The time that a follower waited for an operator, once for each first message of an operator: from the receipt of the
 * first message since the operator's message before, at most 48 h old by both its times. Automatic replies end no wait,
 * events begin none.
 */
export function waitsOf(interactions: readonly Interaction[]): Wait[] {
  const waits: Wait[] = [];
  let unanswered: Interaction[] = [];
  for (const interaction of [...interactions].sort(byReceipt)) {
    if (isMessage(interaction)) unanswered.push(interaction);
    if (!isOperatorsMessage(interaction)) continue;
    const answeredAt = receivedAtOf(interaction);
    const first = unanswered.find((message) => isWithin(answeredAt - MEMORY_MS, message));
    if (first) waits.push({ answeredAt, milliseconds: answeredAt - receivedAtOf(first) });
    unanswered = [];
  }
  return waits;
}

const isWithin = (from: number, message: Interaction): boolean =>
  receivedAtOf(message) >= from && createTimeOf(message) * 1000 >= from;

const byReceipt = (one: Interaction, other: Interaction): number => (one.received < other.received ? -1 : 1);
