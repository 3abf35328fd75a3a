import { LIMITS } from './limits.ts';

/**
 * What deciding by rules costs, in steps. A step is what the engine of patterns does with one instruction and one
 * character, some 15 ns on an idle core; all else is converted. Steps are counted, not timed: the same rules and text
 * always take the same. Compiling a list that may be saved and asking it take at most `LIMITS.steps` together, and what
 * any list takes.
 */
export const STEPS = {
  /** Looking at one rule, and one window or comparison of it. */
  rule: 32,
  window: 64,
  comparison: 32,
  /** The clocks of a time zone that no rule before has looked at. */
  zone: 4_096,
  /** Filling in the text of a reply. */
  template: 32_768,
  /** Compiling a pattern, one instruction of it, one class that is named (`\pL`), and one character of a range. */
  pattern: 4_096,
  instruction: 128,
  namedClass: 4_096,
  inRange: 2,
} as const;

/** NFKC sorts runs of combining marks one by one: its time grows with the square of their length. */
export const normalizing = (characters: number): number => Math.ceil(characters ** 2 / 32);

/** `contains` in a text of so many characters. */
export const searching = (characters: number): number => Math.ceil((characters * 3) / 8);

/** A pattern of so many instructions on a text of so many characters. */
export const matching = (instructions: number, characters: number): number => instructions * (characters + 1);

/** What a delivery takes, whatever the rules: its text is made alike, and one reply is filled in, with a time in it. */
export const STEPS_OF_ANY_LIST = normalizing(LIMITS.text_reads_characters) + STEPS.template + STEPS.zone;

/** More steps than rules may take: what the rules say is not found out. */
export class OverBudget extends Error {
  override readonly name = 'OverBudget';
}

/** Counts steps. @throws OverBudget past the most */
export function stepCounter(most: number = LIMITS.steps + STEPS_OF_ANY_LIST) {
  let taken = 0;
  return {
    taken: () => taken,
    take(steps: number): void {
      taken += steps;
      if (taken > most) throw new OverBudget(`more than ${most} steps`);
    },
  };
}

export type StepCounter = ReturnType<typeof stepCounter>;
