/** The rule of every comparison, as the API says it. */
export const COMPARISON_RULE =
  'Text is compared without regard to case, to width (全角/半角) and to blanks around it. `matches` takes RE2 syntax and reads the first 1,024 characters.';

/** How a text may be compared with a value. Both have been made alike. */
export const COMPARISONS = {
  equals: (text: string, value: string) => text === value,
  contains: (text: string, value: string) => text.includes(value),
  starts_with: (text: string, value: string) => text.startsWith(value),
} as const;

/** The text in one width, without blanks around it; what `matches` reads and captures from. */
export const narrow = (text: string): string => text.normalize('NFKC').trim();

/** The text as comparisons see it: in one width and one case, without blanks around it. */
export const alike = (text: string): string => narrow(text).toLowerCase();
