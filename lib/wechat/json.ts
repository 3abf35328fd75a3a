import { parse, stringify } from 'lossless-json';

/** Reads JSON; integers beyond 2^53 (WeChat's msgid has up to 19 digits) become bigint, exact to the last digit. */
export const readJson = (text: string): unknown => parse(text, undefined, numberOf);

/** Writes JSON as WeChat wants it: Chinese, emoji, `&` and `<` as they are. A bigint is written as the number it is. */
export const writeJson = (value: unknown): string => stringify(value) ?? 'null';

/**
 * Whether written JSON has a `\u` escape, which WeChat refuses (40033). Only a control character or half an emoji is
 * written so. A backslash that is itself escaped (`\\u`) is a follower's text.
 */
export const hasEscape = (json: string): boolean => /(?<!\\)(?:\\\\)*\\u/.test(json);

/** Whether a name, which is one line, has a character that no line of text has. */
export const hasControlCharacter = (text: string): boolean => /[\p{Surrogate}\p{Cc}]/u.test(text);

function numberOf(digits: string): number | bigint {
  const number = Number(digits);
  return Number.isSafeInteger(number) || !/^-?\d+$/.test(digits) ? number : BigInt(digits);
}
