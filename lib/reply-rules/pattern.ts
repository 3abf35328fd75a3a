import { RE2JS } from 're2js';
import { LIMITS } from './limits.ts';

/** A pattern that can be searched for in time proportional to the text, whatever either is. */
export type Pattern = {
  readonly groups: number;
  /** What the groups captured where the pattern is first found ('' for one that took no part); undefined if nowhere. */
  readonly find: (narrow: string) => readonly string[] | undefined;
};

/** A pattern that is not RE2 syntax, or takes too many steps. */
export class InvalidPattern extends Error {
  override readonly name = 'InvalidPattern';
}

/**
 * Compiles a pattern in RE2 syntax. It ignores case, and its full-width characters stand for the narrow ones: a text
 * holds no others. It reads the first 1,024 characters, and takes at most 128 steps for each, so that the engine needs
 * neither a table of states that grows nor more than about a millisecond.
 * @throws InvalidPattern
 */
export function compilePattern(source: string): Pattern {
  const compiled = compiledBy(narrowed(source));
  const steps = compiled.programSize();
  if (steps > LIMITS.pattern_steps) {
    throw new InvalidPattern(`is too large: ${steps} steps per character, at most ${LIMITS.pattern_steps}`);
  }
  const groups = compiled.groupCount();
  return {
    groups,
    find(text) {
      const matcher = compiled.matcher(beginningOf(text));
      if (!matcher.find()) return undefined;
      return Array.from({ length: groups }, (_, index) => matcher.group(index + 1) ?? '');
    },
  };
}

function compiledBy(source: string): RE2JS {
  try {
    return RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    throw new InvalidPattern(`is not RE2 syntax: ${(error as Error).message}`);
  }
}

/** Never half an emoji. */
function beginningOf(text: string): string {
  const { pattern_reads_characters: most } = LIMITS;
  if (text.length <= most) return text;
  const isHalved = /[\uD800-\uDBFF]/.test(text[most - 1] ?? '');
  return text.slice(0, isHalved ? most - 1 : most);
}

/** Wide characters become what NFKC makes of them, as literals: `（` stands for a bracket, never for a group. */
function narrowed(source: string): string {
  let result = '';
  let isEscaped = false;
  let isInClass = false;
  for (const character of source.normalize('NFC')) {
    result += isEscaped ? character : literal(character, isInClass);
    isInClass = isEscaped ? isInClass : character === '[' || (isInClass && character !== ']');
    isEscaped = !isEscaped && character === '\\';
  }
  return result;
}

function literal(character: string, isInClass: boolean): string {
  const narrow = character.normalize('NFKC');
  if (narrow === character) return character;
  const quoted = narrow.replace(/[\\.+*?()|[\]{}^$-]/g, '\\$&');
  return narrow.length === 1 || isInClass ? quoted : `(?:${quoted})`;
}
