import { MAX_DEPTH, MalformedXml, parseXml, type XmlFields, type XmlValue } from './xml.ts';

/**
 * The reader of a delivery's XML. WeChat does not split `]]>` in followers' texts, so that a text may contain what looks
 * like the end of its CDATA section and like further elements (silenceper/wechat#750, nswbmw/node-wechat#13). Here each
 * section ends where its element does. A document as WeChat writes it (elements without attributes, whose text is a
 * section or bare) is read in one pass; any other is parsed by the parser, with its sections split. Every search continues
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
  const fields = fieldsAsWritten(source) ?? parseXml(sectionedAnew(source));
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

/** The fields of a document as WeChat writes it; undefined for any other. */
function fieldsAsWritten(source: string): XmlFields | undefined {
  if (!source.startsWith(ROOT) || source.includes('\r')) return undefined;
  const endOf = endsIn(source);
  let at = ROOT.length;
  const fields = elements('xml', 1);
  return fields !== undefined && skipBlank(at) === source.length ? fields : undefined;

  function elements(parent: string, depth: number): XmlFields | undefined {
    const found: Record<string, XmlValue> = Object.create(null);
    for (;;) {
      at = skipBlank(at);
      if (isEnd(parent)) return found;
      const name = opened();
      const value = name === undefined ? undefined : contentOf(name, depth);
      if (name === undefined || value === undefined) return undefined;
      const other = found[name];
      found[name] = other === undefined ? value : [...(Array.isArray(other) ? other : [other]), value];
    }
  }

  function contentOf(name: string, depth: number): XmlValue | undefined {
    if (source.startsWith(OPENING, at)) {
      const from = at + OPENING.length;
      const end = endOf(name, from);
      at = end + CLOSING.length;
      return end < 0 || !isEnd(name) ? undefined : unsplit(source.slice(from, end));
    }
    const end = source.indexOf('<', at);
    const text = source.slice(at, end);
    if (end < 0 || text.includes('&') || text.includes(CLOSING)) return undefined;
    if (source[end + 1] !== '/') return text.trim() === '' && depth < MAX_DEPTH ? elements(name, depth + 1) : undefined;
    at = end;
    return isEnd(name) ? text : undefined;
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
