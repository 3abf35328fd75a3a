import { parse, stringify } from 'lossless-json';

/**
 * Reads WeChat's JSON. Integers beyond 2^53 (its msgid has up to 19 digits) become bigint, exact to the last digit;
 * control characters, which WeChat is known not to escape in texts of followers, are kept.
 */
export const readJson = (text: string): unknown => parse(withEscapes(text), undefined, numberOf);

/** Writes JSON as WeChat wants it: Chinese, emoji, `&` and `<` as they are. A bigint is written as the number it is. */
export const writeJson = (value: unknown): string => stringify(value) ?? 'null';

/**
 * True if serialized JSON has a `\u` escape, which WeChat refuses (40033). Only a control character or half an emoji is
 * written so. A backslash that is itself escaped (`\\u`) is a follower's text.
 */
export const hasEscape = (json: string): boolean => /(?<!\\)(?:\\\\)*\\u/.test(json);

/** True if a name has a control character (including line breaks) or a lone surrogate. */
export const hasControlCharacter = (text: string): boolean => /[\p{Surrogate}\p{Cc}]/u.test(text);

/** Escapes raw control characters inside the strings of a JSON text. */
function withEscapes(json: string): string {
  if (!hasRawControls(json)) return json;
  let [escaped, isText] = ['', false];
  for (let at = 0; at < json.length; at++) {
    const character = json[at] ?? '';
    if (character === '"') isText = !isText;
    if (isText && character === '\\') escaped += character + (json[++at] ?? '');
    else escaped += isText && character < ' ' ? asEscape(character) : character;
  }
  return escaped;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const hasRawControls = (json: string): boolean => /[\x00-\x1f]/.test(json);

const asEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

function numberOf(digits: string): number | bigint {
  const number = Number(digits);
  return Number.isSafeInteger(number) || !/^-?\d+$/.test(digits) ? number : BigInt(digits);
}
