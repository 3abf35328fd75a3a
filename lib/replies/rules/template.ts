import { legalText } from '../../wechat/callback/cdata.ts';
import { LIMITS } from './limits.ts';

type Placeholder = { readonly name: string; readonly isInTag: boolean };

/** A text with placeholders. */
export type Template = readonly (string | Placeholder)[];

const NAMES: ReadonlySet<string> = new Set(['openid', 'text', 'time', ...'123456789']);

export const PLACEHOLDERS = '{{openid}}, {{text}}, {{time}}, {{1}} … {{9}}';

/** The names between `{{` and `}}`, in order. */
export const namesIn = (content: string): string[] => Array.from(placesIn(content), ({ name }) => name);

export const isKnown = (name: string): boolean => NAMES.has(name);

export const isCapture = (name: string): boolean => isKnown(name) && name.length === 1;

/** Parses a text in one pass. Linear in the text. */
export function readTemplate(content: string): Template {
  const parts: (string | Placeholder)[] = [];
  let end = 0;
  let isInTag = false;
  for (const place of placesIn(content)) {
    if (!isKnown(place.name)) continue;
    isInTag = endsInTag(content, end, place.start, isInTag);
    parts.push(content.slice(end, place.start), { name: place.name, isInTag });
    end = place.end;
  }
  return [...parts, content.slice(end)];
}

type Place = { readonly start: number; readonly end: number; readonly name: string };

/** Every `{{ name }}` without braces inside, in order. */
function* placesIn(content: string): Generator<Place> {
  for (let start = content.indexOf('{{'); start !== -1; ) {
    const brace = nextBrace(content, start + 2);
    const isPlace = content.startsWith('}}', brace);
    const end = isPlace ? brace + 2 : Math.max(start + 1, brace - 1);
    if (isPlace) yield { start, end, name: content.slice(start + 2, brace).trim() };
    start = content.indexOf('{{', end);
  }
}

function nextBrace(content: string, from: number): number {
  let at = from;
  while (at < content.length && content[at] !== '{' && content[at] !== '}') at++;
  return at;
}

/** True if a link's tag (`<a `) is open at `end`: the last bracket since `start` decides, else `isInTag`. */
function endsInTag(content: string, start: number, end: number, isInTag: boolean): boolean {
  for (let at = end - 1; at >= start; at--) {
    if (content[at] === '>') return false;
    if (content[at] === '<') return at + 2 < end && isLetterA(content[at + 1]) && isBlank(content[at + 2]);
  }
  return isInTag;
}

/**
 * Fills in a template, once: inserted values are not parsed as templates. In a link's tag (`<a href="…">`) they are
 * percent-encoded, elsewhere they cannot begin a link (`<a` becomes `＜a`); `renderReply` escapes XML. They are cut
 * between characters so that the whole has at most 2,048 bytes.
 */
export function fillIn(template: Template, insertedAt: (name: string) => string): string {
  let room = LIMITS.text_bytes - bytesOf(template.filter((part) => typeof part === 'string').join(''));
  const values = new Map<string, string>();
  return template
    .map((part) => {
      if (typeof part === 'string') return part;
      const key = `${part.name} ${part.isInTag}`;
      const value = values.get(key) ?? insertable(insertedAt(part.name), part.isInTag);
      values.set(key, value);
      const inserted = fitting(value, room, part.isInTag);
      room -= bytesOf(inserted);
      return inserted;
    })
    .join('');
}

/** A value made safe to insert, at most `LIMITS.text_bytes` UTF-16 units. */
function insertable(value: string, isInTag: boolean): string {
  const legal = legalText(value.slice(0, LIMITS.text_bytes));
  return isInTag ? legal : withoutLinks(legal);
}

/** The text with every `<` that begins or ends a link, `< / a` too, as `＜`. */
function withoutLinks(text: string): string {
  const parts: string[] = [];
  let end = 0;
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at + 1)) {
    if (!isLinkAfter(text, at + 1)) continue;
    parts.push(text.slice(end, at), '＜');
    end = at + 1;
  }
  return parts.join('') + text.slice(end);
}

function isLinkAfter(text: string, start: number): boolean {
  const slash = afterBlanks(text, start);
  const name = text[slash] === '/' ? afterBlanks(text, slash + 1) : slash;
  return isLetterA(text[name]) && !/^\w/.test(text[name + 1] ?? '');
}

function afterBlanks(text: string, start: number): number {
  let at = start;
  while (isBlank(text[at])) at++;
  return at;
}

const isLetterA = (character: string | undefined): boolean => character === 'a' || character === 'A';

const isBlank = (character: string | undefined): boolean => character !== undefined && character.trim() === '';

/** The longest prefix of whole characters that fits into `room` bytes, optionally percent-encoded. */
function fitting(text: string, room: number, isEncoded: boolean): string {
  let left = room;
  let result = '';
  for (const character of text) {
    const next = isEncoded ? encodeURIComponent(character) : character;
    left -= bytesOf(next);
    if (left < 0) break;
    result += next;
  }
  return result;
}

const bytesOf = (text: string): number => Buffer.byteLength(text);
