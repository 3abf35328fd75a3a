import { RE2JS } from 're2js';
import { AppError } from '../../platform/error.ts';
import { beginning } from './comparing.ts';
import { LIMITS } from './limits.ts';
import { STEPS } from './steps.ts';

/** A compiled pattern. Matching takes time linear in the text. */
export type Pattern = {
  readonly groups: number;
  /** The instructions of its program: the most steps per character. */
  readonly instructions: number;
  /** The steps that compiling it cost. */
  readonly compiling: number;
  /** The captures of the first match ('' for a group that took no part); undefined if there is none. */
  readonly find: (narrow: string) => readonly string[] | undefined;
};

/** A pattern that is not RE2 syntax, or costs too many steps. */
export class InvalidPattern extends AppError<'INVALID_PATTERN'> {
  override readonly name = 'InvalidPattern';

  constructor(message: string) {
    super('INVALID_PATTERN', message);
  }
}

/**
 * Compiles a pattern in RE2 syntax. It ignores case, and its full-width characters stand for the narrow ones: a text
 * holds no others. It reads the first 1,024 characters, in at most 128 steps each, so that the engine needs no growing
 * table of states.
 * @throws InvalidPattern
 */
export function compilePattern(source: string): Pattern {
  const narrow = narrowed(source);
  const ranges = charactersInRanges(narrow);
  if (ranges > LIMITS.pattern_range_characters) {
    const most = LIMITS.pattern_range_characters;
    throw new InvalidPattern(`is too large: the ranges of its classes hold ${ranges} characters, at most ${most}`);
  }
  const compiled = compiledBy(narrow);
  const instructions = compiled.programSize();
  if (instructions > LIMITS.pattern_steps) {
    throw new InvalidPattern(`is too large: ${instructions} steps per character, at most ${LIMITS.pattern_steps}`);
  }
  const groups = compiled.groupCount();
  return {
    groups,
    instructions,
    compiling: compiling(source) + instructions * STEPS.instruction,
    find(text) {
      const matcher = compiled.matcher(beginning(text, LIMITS.pattern_reads_characters));
      if (!matcher.find()) return undefined;
      return Array.from({ length: groups }, (_, index) => matcher.group(index + 1) ?? '');
    },
  };
}

/** A pattern that was not compiled because the rules exceed their budget of steps; matching it exceeds the budget. */
export const BEYOND_BUDGET: Pattern = {
  groups: 0,
  instructions: Number.POSITIVE_INFINITY,
  compiling: 0,
  find: () => undefined,
};

/** The steps that compiling a pattern costs, without its instructions, which are not known before. */
export const compiling = (source: string): number =>
  STEPS.pattern + namedClasses(source) * STEPS.namedClass + charactersInRanges(narrowed(source)) * STEPS.inRange;

/** Unicode has cased letters up to here: the engine looks at each character of a range for its other case. */
const LAST_CASED = 0x1e943;

/** The highest code point of an escape other than `\x`: three octal digits. */
const LAST_OCTAL = 0o777;

/** An upper bound of the characters in the ranges of all classes: every `-` might stand in a class. */
function charactersInRanges(source: string): number {
  let sum = 0;
  for (let dash = source.indexOf('-'); dash !== -1; dash = source.indexOf('-', dash + 1)) {
    sum += Math.max(0, Math.min(lastOf(source, dash + 1), LAST_CASED) - firstOf(source, dash) + 1);
  }
  return sum;
}

/** The character before a `-`. The last one of an escape is lower than the escaped code point, or nearly so. */
function firstOf(source: string, dash: number): number {
  const pair = dash > 1 ? (source.codePointAt(dash - 2) ?? 0) : 0;
  return pair > 0xffff ? pair : source.charCodeAt(dash - 1) || 0;
}

function lastOf(source: string, at: number): number {
  if (source[at] !== '\\') return source.codePointAt(at) ?? 0;
  if (source[at + 1] !== 'x') return LAST_OCTAL;
  const isBraced = source[at + 2] === '{';
  const digits = isBraced ? source.slice(at + 3, source.indexOf('}', at)) : source.slice(at + 2, at + 4);
  return Number.parseInt(digits, 16) || 0;
}

/** `\pL`, `\w`, `[[:alpha:]]`: every backslash might begin one, and every colon in brackets. */
const namedClasses = (source: string): number => source.split('\\').length - 1 + source.split('[:').length - 1;

function compiledBy(source: string): RE2JS {
  try {
    return RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    throw new InvalidPattern(`is not RE2 syntax: ${(error as Error).message}`);
  }
}

/** Replaces wide characters by their NFKC form as literals: `（` is a bracket, never a group. */
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
