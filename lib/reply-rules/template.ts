import { legalText } from '../wechat/cdata.ts';
import { LIMITS } from './limits.ts';

type Inserted = { readonly name: string; readonly isInTag: boolean };

/** A text with places to fill in. */
export type Template = readonly (string | Inserted)[];

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g;
const NAME = /^(openid|text|time|[1-9])$/;
const OPEN_TAG = /<a\s[^<>]*$/i;
const TAG = /<(?=\s*\/?\s*a\b)/gi;

export const PLACES = '{{openid}}, {{text}}, {{time}}, {{1}} … {{9}}';

/** The names between `{{` and `}}`, in order. */
export const namesIn = (content: string): string[] => [...content.matchAll(PLACE)].map(([, name = '']) => name);

export const isKnown = (name: string): boolean => NAME.test(name);

export const isCapture = (name: string): boolean => /^[1-9]$/.test(name);

export function readTemplate(content: string): Template {
  const parts: (string | Inserted)[] = [];
  let end = 0;
  for (const { 0: whole, 1: name = '', index } of content.matchAll(PLACE)) {
    if (!isKnown(name)) continue;
    parts.push(content.slice(end, index), { name, isInTag: OPEN_TAG.test(content.slice(0, index)) });
    end = index + whole.length;
  }
  return [...parts, content.slice(end)];
}

/**
 * Fills a template in, once: what is inserted is never read as a template again. In a link's tag (`<a href="…">`) it is
 * percent-encoded, elsewhere it cannot begin a link (`<a` becomes `＜a`); XML is the business of `renderReply`. It is cut
 * between characters so that the whole has at most 2,048 bytes.
 */
export function fillIn(template: Template, insertedAt: (name: string) => string): string {
  let room = LIMITS.text_bytes - bytesOf(template.filter((part) => typeof part === 'string').join(''));
  return template
    .map((part) => {
      if (typeof part === 'string') return part;
      const inserted = fitting(escaped(insertedAt(part.name), part.isInTag), room);
      room -= bytesOf(inserted);
      return inserted;
    })
    .join('');
}

/** The characters of a value as they may stand in the text; no more than could ever fit. */
function escaped(value: string, isInTag: boolean): string[] {
  const legal = legalText(value.slice(0, LIMITS.text_bytes));
  return isInTag ? Array.from(legal, encodeURIComponent) : [...legal.replace(TAG, '＜')];
}

function fitting(characters: readonly string[], room: number): string {
  let left = room;
  const cut = characters.findIndex((character) => {
    left -= bytesOf(character);
    return left < 0;
  });
  return (cut === -1 ? characters : characters.slice(0, cut)).join('');
}

const bytesOf = (text: string): number => Buffer.byteLength(text);
