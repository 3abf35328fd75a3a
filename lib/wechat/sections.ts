import { MalformedXml, parseXml, type XmlFields } from './xml.ts';

/**
 * WeChat does not split `]]>` in what a follower writes, so that a text may hold what looks like the end of its section
 * and like further elements (silenceper/wechat#750, nswbmw/node-wechat#13). Here each section gets the end that is its
 * own, before the parser sees it. Every search goes on where the last one ended: the time is linear.
 */

const ROOT = '<xml>';
const OPENING = '<![CDATA[';
const CLOSING = ']]>';
/** How `]]>` is split by those who do. */
const SPLIT = ']]]]><![CDATA[>';

/** What stands before the first text of a follower's. It is WeChat's own, so it can be believed. */
const ENVELOPE = ['ToUserName', 'FromUserName', 'CreateTime', 'MsgType', 'Event'] as const;

/**
 * The texts that a follower, or a stranger such as the maker of a QR code, wrote: by kind, in their documented order. In
 * other kinds a text that adds an element repeats its own.
 */
const WRITTEN: Readonly<Record<string, readonly string[]>> = {
  text: ['Content'],
  voice: ['Recognition'],
  location: ['Label'],
  link: ['Title', 'Description', 'Url'],
  'event.scancode_push': ['ScanResult'],
  'event.scancode_waitmsg': ['ScanResult'],
  'event.location_select': ['Label', 'Poiname'],
  'event.user_enter_tempsession': ['SessionFrom'],
};

export type EnvelopeTexts = { readonly [Name in (typeof ENVELOPE)[number]]?: string };

/**
 * The elements of a delivery. A kind with one text ends it at the last `]]></Name>`; one with several is read in their
 * documented order, if each ends once.
 * @throws MalformedXml for what is broken, and where a text may have added or replaced an element: WeChat repeats none
 */
export function parseDelivery(source: string): XmlFields {
  const fields = parseXml(sectionedAnew(source));
  for (const name in fields) {
    if (Array.isArray(fields[name])) throw new MalformedXml('an element is repeated');
  }
  return fields;
}

/** What the envelope of a delivery says, even if the rest of it is broken. */
export function envelopeOf(source: string): EnvelopeTexts {
  const found: { [Name in (typeof ENVELOPE)[number]]?: string } = {};
  const root = source.indexOf(ROOT);
  for (let at = root + ROOT.length; root >= 0; ) {
    const start = source.indexOf('<', at) + 1;
    const name = ENVELOPE.find((each) => source.startsWith(`${each}>`, start));
    if (name === undefined || name in found) break;
    const inside = start + name.length + 1;
    const isSection = source.startsWith(OPENING, inside);
    const from = isSection ? inside + OPENING.length : inside;
    const closing = `${isSection ? CLOSING : ''}</${name}>`;
    const end = source.indexOf(closing, from);
    if (end < 0) break;
    found[name] = source.slice(from, end);
    at = end + closing.length;
  }
  return found;
}

/** What is not as WeChat writes it is left to the parser, which takes or refuses it as XML. */
function sectionedAnew(source: string): string {
  const written = writtenIn(source);
  let anew = '';
  let copied = 0;
  let place = 0;
  for (let opening = source.indexOf(OPENING); opening >= 0; ) {
    const from = opening + OPENING.length;
    const name = nameBefore(source, opening);
    const order = name === undefined ? -1 : written.indexOf(name);
    const end = endOf(source, from, name, order < 0 ? 0 : written.length);
    if (end < 0) break;
    if (order >= 0 && order < place) throw new MalformedXml('the texts are not in their order');
    place = Math.max(place, order + 1);
    const text = source.slice(from, end);
    if (text.includes(CLOSING)) {
      anew += source.slice(copied, from) + split(text);
      copied = end;
    }
    opening = source.indexOf(OPENING, end);
  }
  return anew + source.slice(copied);
}

function writtenIn(source: string): readonly string[] {
  const { MsgType = '', Event = '' } = envelopeOf(source);
  const type = MsgType.toLowerCase();
  const kind = type === 'event' ? `event.${Event.toLowerCase()}` : type;
  return Object.hasOwn(WRITTEN, kind) ? (WRITTEN[kind] ?? []) : [];
}

/** The name of the element that a section is the text of; undefined when something else stands before it. */
function nameBefore(source: string, opening: number): string | undefined {
  let end = opening - 1;
  while (end > 0 && ' \t\r\n'.includes(source.charAt(end))) end -= 1;
  if (source.charAt(end) !== '>') return undefined;
  const name = source.slice(source.lastIndexOf('<', end) + 1, end);
  return /^[A-Za-z_][\w.-]{0,63}$/.test(name) ? name : undefined;
}

/** Where a section ends: at the end of its element. Of a kind with several written texts, each may end but once. */
function endOf(source: string, from: number, name: string | undefined, writtenTexts: number): number {
  if (name === undefined) return source.indexOf(CLOSING, from);
  const closing = `${CLOSING}</${name}>`;
  const first = source.indexOf(closing, from);
  if (writtenTexts === 0 || first < 0) return first;
  const last = source.lastIndexOf(closing);
  if (writtenTexts > 1 && first !== last) throw new MalformedXml('a text holds its own end');
  return last;
}

/** The text as sections. It counts as split already if no other `]]>` is in it; else it is taken to the letter. */
const split = (text: string): string =>
  text.replaceAll(SPLIT, ' ').includes(CLOSING) ? text.replaceAll(CLOSING, SPLIT) : text;
