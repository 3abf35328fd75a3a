import { MAX_DEPTH, MalformedXml, parseWellFormed, parseXml, type XmlFields } from './xml.ts';

/**
 * The sections of a delivery's XML. WeChat does not split `]]>` in what a follower writes, so that a text may hold what
 * looks like the end of its section and like further elements (silenceper/wechat#750, nswbmw/node-wechat#13). Here each
 * section gets its own end, before the parser reads it. A document as WeChat writes it, elements without attributes whose
 * text is a section or bare, is found well-formed on the way; any other is validated by the library. Every search goes on
 * where the last one ended: the time is linear.
 */

const ROOT = '<xml>';
const OPENING = '<![CDATA[';
const CLOSING = ']]>';
/** The usual way to split `]]>` over two sections. */
const SPLIT = ']]]]><![CDATA[>';

/** The elements before a follower's first text. They are WeChat's own, so they can be trusted. */
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
 * The elements of a delivery. In a kind with one text it ends at the last `]]></Name>`; in a kind with several they are
 * read in their documented order, if each ends once.
 * @throws MalformedXml for a broken document, and where a text may have added or replaced an element: WeChat repeats none
 */
export function parseDelivery(source: string): XmlFields {
  const form = formOf(source);
  const sectioned = form === 'plain' ? source : sectionedAnew(source);
  const fields = form === 'foreign' ? parseXml(sectioned) : parseWellFormed(sectioned);
  for (const name in fields) {
    if (Array.isArray(fields[name])) throw new MalformedXml('an element is repeated');
  }
  return fields;
}

/** The envelope of a delivery, even if the rest of it is broken. */
export function envelopeOf(source: string): EnvelopeTexts {
  const found: { [Name in (typeof ENVELOPE)[number]]?: string } = {};
  const root = source.indexOf(ROOT);
  for (let at = root + ROOT.length; root >= 0; ) {
    const start = source.indexOf('<', at) + 1;
    const name = ENVELOPE.find((each) => source.startsWith(each, start) && source[start + each.length] === '>');
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

/** The ends of a document's sections, to be called for one after the other. */
function endsIn(source: string) {
  const { MsgType = '', Event = '' } = envelopeOf(source);
  const type = MsgType.toLowerCase();
  const kind = type === 'event' ? `event.${Event.toLowerCase()}` : type;
  const written = (Object.hasOwn(WRITTEN, kind) && WRITTEN[kind]) || [];
  let place = 0;

  /** The end of a section: at the end of its element. In a kind with several texts, each may end only once. */
  return (name: string | undefined, from: number): number => {
    if (name === undefined) return source.indexOf(CLOSING, from);
    const closing = `${CLOSING}</${name}>`;
    const first = source.indexOf(closing, from);
    const order = written.indexOf(name);
    if (order < 0 || first < 0) return first;
    const last = source.lastIndexOf(closing);
    if (written.length > 1 && first !== last) throw new MalformedXml('a text holds its own end');
    if (order < place) throw new MalformedXml('the texts are not in their order');
    place = order + 1;
    return last;
  };
}

const NAME = /^(?!(?:__proto__|constructor|prototype)$)[A-Za-z_][\w.-]{0,63}$/;
const BLANK = /[^ \t\n]/g;

/**
 * The form of a document: `plain` as WeChat writes it, well-formed as it stands; `split` if it is when the `]]>` in its
 * sections are split; `foreign` for any other.
 */
function formOf(source: string): 'plain' | 'split' | 'foreign' {
  if (!source.startsWith(ROOT) || source.includes('\r')) return 'foreign';
  const endOf = endsIn(source);
  let at = ROOT.length;
  let isPlain = true;
  if (!areElements('xml', 1) || skipBlank(at) !== source.length) return 'foreign';
  return isPlain ? 'plain' : 'split';

  function areElements(parent: string, depth: number): boolean {
    for (;;) {
      at = skipBlank(at);
      if (isEnd(parent)) return true;
      const name = opened();
      if (name === undefined || !isContent(name, depth)) return false;
    }
  }

  function isContent(name: string, depth: number): boolean {
    if (source.startsWith(OPENING, at)) {
      const from = at + OPENING.length;
      const end = endOf(name, from);
      isPlain &&= end === source.indexOf(CLOSING, from);
      at = end + CLOSING.length;
      return end >= 0 && isEnd(name);
    }
    const end = source.indexOf('<', at);
    const text = source.slice(at, end);
    if (end < 0 || text.includes('&') || text.includes(CLOSING)) return false;
    if (source[end + 1] !== '/') return text.trim() === '' && depth < MAX_DEPTH && areElements(name, depth + 1);
    at = end;
    return isEnd(name);
  }

  /** The name of the element that begins here. */
  function opened(): string | undefined {
    const end = source.indexOf('>', at);
    const name = source[at] === '<' ? source.slice(at + 1, end) : '';
    at = end + 1;
    return NAME.test(name) ? name : undefined;
  }

  function isEnd(name: string): boolean {
    const closing = `</${name}>`;
    if (!source.startsWith(closing, at)) return false;
    at += closing.length;
    return true;
  }

  function skipBlank(from: number): number {
    if (source[from] === '<') return from;
    BLANK.lastIndex = from;
    return BLANK.exec(source)?.index ?? source.length;
  }
}

/** The document with its sections split as XML has it. */
function sectionedAnew(source: string): string {
  const endOf = endsIn(source);
  let anew = '';
  let copied = 0;
  for (let opening = source.indexOf(OPENING); opening >= 0; ) {
    const from = opening + OPENING.length;
    const end = endOf(nameBefore(source, opening), from);
    if (end < 0) break;
    anew += source.slice(copied, from) + unsplit(source.slice(from, end)).replaceAll(CLOSING, SPLIT);
    copied = end;
    opening = source.indexOf(OPENING, end);
  }
  return anew + source.slice(copied);
}

/** The name of the element that a section is the text of; undefined when something else stands before it. */
function nameBefore(source: string, opening: number): string | undefined {
  let end = opening - 1;
  while (end > 0 && ' \t\r\n'.includes(source.charAt(end))) end -= 1;
  if (source.charAt(end) !== '>') return undefined;
  const name = source.slice(source.lastIndexOf('<', end) + 1, end);
  return NAME.test(name) ? name : undefined;
}

/** The text of a section. It was split if no other `]]>` is in it; else it is taken to the letter. */
const unsplit = (text: string): string =>
  !text.includes(SPLIT) || text.replaceAll(SPLIT, ' ').includes(CLOSING) ? text : text.replaceAll(SPLIT, CLOSING);
