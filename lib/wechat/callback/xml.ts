import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { AppError, hasCode } from '../../platform/error.ts';
import { legalText } from './cdata.ts';

/** The content of an element: text, elements, or a list if its name is repeated. Numbers and booleans stay text. */
export type XmlValue = string | XmlFields | XmlValue[];

/** The elements inside an element, by name. It has no prototype, so no name in it means anything to JavaScript. */
export interface XmlFields {
  readonly [name: string]: XmlValue;
}

/** A document that is not the XML WeChat sends. Its text says what is wrong, never what the document holds. */
export class MalformedXml extends AppError<'MALFORMED_XML'> {
  override readonly name = 'MalformedXml';

  constructor(message: string) {
    super('MALFORMED_XML', message);
  }
}

export const MAX_DEPTH = 16;
const TEXT = '#text';
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#(\d+)|#x([\dA-Fa-f]+));/g;

/** The parser hands it every text outside CDATA, and the entities of every document type declaration it meets. */
const references = {
  decode: (text: string) => (text.includes('&') ? text.replace(REFERENCE, decodeReference) : text),
  addInputEntities(): never {
    throw new MalformedXml('a document type declaration is not accepted');
  },
  setExternalEntities() {},
  setXmlVersion() {},
  reset() {},
};

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  textNodeName: TEXT,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_DEPTH - 1,
  entityDecoder: references,
  onDangerousProperty: (name) => name,
  jPath: false,
});

/**
 * The elements inside `<xml>`. The five XML entities and numeric references are decoded, outside CDATA; nothing else
 * is touched but line ends, which XML reads as `\n`. Blanks between elements are dropped.
 * @throws MalformedXml for a broken document, a document type declaration, nesting deeper than 16 levels, and the names
 * `__proto__`, `constructor` and `prototype`
 */
export function parseXml(source: string): XmlFields {
  const root = withoutPrototype(parse(source));
  const { xml, ...others } = root;
  if (xml === undefined || Array.isArray(xml) || Object.keys(others).length > 0) {
    throw new MalformedXml('the document is not one <xml> element');
  }
  return typeof xml === 'string' ? readRoot(xml) : xml;
}

function parse(source: string): object {
  const verdict = XMLValidator.validate(source);
  if (verdict !== true)
    throw new MalformedXml(`the document is broken in line ${verdict.err.line}: ${verdict.err.code}`);
  try {
    return parser.parse(source);
  } catch (error) {
    if (hasCode(error, 'MALFORMED_XML')) throw error;
    throw new MalformedXml('the document is broken, nested too deep or uses a reserved name');
  }
}

function decodeReference(_reference: string, name?: string, decimal?: string, hexadecimal?: string): string {
  if (name !== undefined) return ENTITIES[name] ?? '';
  const code = decimal === undefined ? Number(`0x${hexadecimal}`) : Number(decimal);
  const character = code <= 0x10ffff ? legalText(String.fromCodePoint(code)) : '';
  if (character === '') throw new MalformedXml('a numeric reference names no character');
  return character;
}

function withoutPrototype(parsed: object): XmlFields {
  const fields: Record<string, XmlValue> = Object.create(null);
  for (const [name, value] of Object.entries(parsed)) {
    if (name.startsWith('!')) throw new MalformedXml('a declaration is not accepted');
    if (name !== TEXT || !isBlank(value)) fields[name] = readValue(value);
  }
  return fields;
}

function readValue(parsed: string | object): XmlValue {
  if (typeof parsed === 'string') return parsed;
  return Array.isArray(parsed) ? parsed.map(readValue) : withoutPrototype(parsed);
}

function readRoot(text: string): XmlFields {
  if (!isBlank(text)) throw new MalformedXml('<xml> holds text in place of elements');
  return Object.create(null);
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}
