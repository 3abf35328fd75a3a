import { AppError } from '../../platform/error.ts';
import { LIMITS } from './limits.ts';

/**
 * The cost of evaluating rules, in steps. A step is the pattern engine's work on one instruction and one character,
 * about 15 ns on an idle core; other work is converted. Steps are counted, not timed: the same rules and text always
 * cost the same. Compiling and evaluating a list that may be saved costs at most `LIMITS.steps` plus
 * `STEPS_OF_ANY_LIST`.
 */
export const STEPS = {
  /** Evaluating one rule, and one window or comparison of it. */
  rule: 32,
  window: 64,
  comparison: 32,
  /** The first evaluation in a time zone. */
  zone: 4_096,
  /** Filling in the text of a reply. */
  template: 32_768,
  /** Compiling a pattern, one instruction of it, one named class (`\pL`), and one character of a range. */
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

/** The cost of any delivery, independent of the rules: normalizing its text, and filling in one reply with a time. */
export const STEPS_OF_ANY_LIST = normalizing(LIMITS.text_reads_characters) + STEPS.template + STEPS.zone;

/**
 * Counts steps.
 * @throws AppError OVER_BUDGET above `most`: the rules cost more than allowed, and their outcome is unknown
 */
export function stepCounter(most: number = LIMITS.steps + STEPS_OF_ANY_LIST) {
  let spent = 0;
  return {
    spent: () => spent,
    spend(steps: number): void {
      spent += steps;
      if (spent > most) throw new AppError('OVER_BUDGET', `more than ${most} steps`);
    },
  };
}

export type StepCounter = ReturnType<typeof stepCounter>;
