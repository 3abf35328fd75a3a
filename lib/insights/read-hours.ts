import type { Interaction } from '../interactions/interaction.ts';
import { receivedAtOf } from '../interactions/keys.ts';
import { isOperatorsMessage } from './behaviour.ts';
import { count, type Figures, noFigures } from './figures.ts';
import { hourOf } from './hours.ts';
import { addDuration } from './sketches/ddsketch.ts';
import type { Hashes } from './sketches/hash.ts';
import { MEMORY_MS, SKEW_MS, waitsOf } from './waits.ts';

/**
 * The history to read, and the hash of followers. Everyone's goes by receipt, a follower's by WeChat's
 * CreateTime; `to` is exclusive.
 */
export type HourSources = { readonly history: History; readonly hashes: Hashes };

type History = {
  between(from: number, to: number): AsyncIterable<Interaction>;
  ofFollowerBetween(openid: string, from: number, to: number): AsyncIterable<Interaction>;
};

/** The budget of reads. `ranOut` is set if something was left unread. */
export type Allowance = { left: number; readonly isLate: () => boolean; ranOut: boolean };

export const unlimited = (): Allowance => ({ left: Number.POSITIVE_INFINITY, isLate: () => false, ranOut: false });

/** The first and last answer to a follower, in milliseconds. */
type MessageTimes = Map<string, { first: number; last: number }>;

/** The figures of the hours between two, from the interactions themselves; hours without any are absent. */
export async function readHours(
  { history: { between, ofFollowerBetween }, hashes }: HourSources,
  from: number,
  to: number,
  allowance: Allowance,
): Promise<Map<number, Figures>> {
  const hours = new Map<number, Figures>();
  const answered: MessageTimes = new Map();
  for await (const interaction of within(allowance, () => between(from, to))) {
    count(figuresAt(hours, receivedAtOf(interaction)), interaction, hashes);
    if (isOperatorsMessage(interaction)) note(answered, interaction);
  }
  for (const [openid, { first, last }] of answered) {
    const interactions: Interaction[] = [];
    const read = () => ofFollowerBetween(openid, first - MEMORY_MS, last + SKEW_MS);
    for await (const interaction of within(allowance, read)) interactions.push(interaction);
    for (const { answeredAt, milliseconds } of waitsOf(interactions)) {
      if (answeredAt >= first && answeredAt <= last) addDuration(figuresAt(hours, answeredAt).waits, milliseconds);
    }
  }
  return hours;
}

async function* within(allowance: Allowance, read: () => AsyncIterable<Interaction>): AsyncGenerator<Interaction> {
  if (isSpent(allowance)) return;
  for await (const interaction of read()) {
    if (isSpent(allowance)) return;
    allowance.left -= 1;
    yield interaction;
  }
}

function isSpent(allowance: Allowance): boolean {
  allowance.ranOut ||= allowance.left <= 0 || allowance.isLate();
  return allowance.ranOut;
}

function figuresAt(hours: Map<number, Figures>, moment: number): Figures {
  const hour = hourOf(moment);
  const figures = hours.get(hour) ?? noFigures();
  hours.set(hour, figures);
  return figures;
}

function note(answered: MessageTimes, answer: Interaction): void {
  const at = receivedAtOf(answer);
  const { first, last } = answered.get(answer.openid) ?? { first: at, last: at };
  answered.set(answer.openid, { first: Math.min(first, at), last: Math.max(last, at) });
}
