import { legalText } from '../../wechat/callback/cdata.ts';
import { LIMITS } from './limits.ts';

type Inserted = { readonly name: string; readonly isInTag: boolean };

/** A text with places to fill in. */
export type Template = readonly (string | Inserted)[];

const NAMES: ReadonlySet<string> = new Set(['openid', 'text', 'time', ...'123456789']);

export const PLACES = '{{openid}}, {{text}}, {{time}}, {{1}} … {{9}}';

/** The names between `{{` and `}}`, in order. */
export const namesIn = (content: string): string[] => Array.from(placesIn(content), ({ name }) => name);

export const isKnown = (name: string): boolean => NAMES.has(name);

export const isCapture = (name: string): boolean => isKnown(name) && name.length === 1;

/** Reads a text once from its beginning to its end, whatever it holds. */
export function readTemplate(content: string): Template {
  const parts: (string | Inserted)[] = [];
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

/** Whether a link's tag, `<a` and a blank, is open at `end`: the last bracket since `start` decides, else what was before. */
function endsInTag(content: string, start: number, end: number, isInTag: boolean): boolean {
  for (let at = end - 1; at >= start; at--) {
    if (content[at] === '>') return false;
    if (content[at] === '<') return at + 2 < end && isLetterA(content[at + 1]) && isBlank(content[at + 2]);
  }
  return isInTag;
}

/**
 * Fills a template in, once: what is inserted is never read as a template again. In a link's tag (`<a href="…">`) it is
 * percent-encoded, elsewhere it cannot begin a link (`<a` becomes `＜a`); XML is the business of `renderReply`. It is cut
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

/** What of a value may stand in a text; no more than could ever fit. */
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

/** As many characters as fit into so many bytes; percent-encoded, if so asked. */
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
