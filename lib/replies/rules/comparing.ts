import { LIMITS } from './limits.ts';

/** The rule of all comparisons, returned by the API. */
export const COMPARISON_RULE =
  'Text is compared without regard to case, to width (全角/半角) and to blanks around it; the first 2,048 characters are read. `matches` takes RE2 syntax and reads the first 1,024 characters. The speech recognition of a voice message (Recognition) is compared like a text, without the punctuation at its end, unless the condition has `voice: false`.';

/** The comparisons of a text with a value. Both are normalized. */
export const COMPARISONS = {
  equals: (text: string, value: string) => text === value,
  contains: (text: string, value: string) => text.includes(value),
  starts_with: (text: string, value: string) => text.startsWith(value),
} as const;

/** The beginning of a text in one width (NFKC) and trimmed; the input of `matches`. */
export function narrow(text: string): string {
  const { text_reads_characters: most } = LIMITS;
  return beginning(beginning(text, most).normalize('NFKC').trim(), most);
}

/** The text in one width and one case, trimmed; the input of all comparisons but `matches`. */
export const normalized = (text: string): string => inOneCase(narrow(text));

/** `İ` becomes two characters. */
export const inOneCase = (narrow: string): string => beginning(narrow.toLowerCase(), LIMITS.text_reads_characters);

/** At most `most` UTF-16 units of a text, never half a surrogate pair. */
export function beginning(text: string, most: number): string {
  if (text.length <= most) return text;
  return text.slice(0, isHighSurrogate(text.charCodeAt(most - 1)) ? most - 1 : most);
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

const PUNCTUATION: ReadonlySet<string | undefined> = new Set('。.!?,、;…~');

/** A narrow text without the punctuation at its end, which speech recognition adds. */
export function withoutPunctuationAtEnd(text: string): string {
  let end = text.length;
  while (end > 0 && PUNCTUATION.has(text[end - 1])) end--;
  return text.slice(0, end).trimEnd();
}
