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
  preserveOrder: true,
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
  const verdict = XMLValidator.validate(source);
  if (verdict !== true)
    throw new MalformedXml(`the document is broken in line ${verdict.err.line}: ${verdict.err.code}`);
  return parseWellFormed(source);
}

/**
 * The same for a document that is known to be well-formed: validating is half as much work as parsing.
 * @throws MalformedXml as `parseXml`, but for a broken document
 */
export function parseWellFormed(source: string): XmlFields {
  const root = readNodes(parse(source));
  if (typeof root === 'string' || root.xml === undefined || Object.keys(root).length > 1 || Array.isArray(root.xml)) {
    throw new MalformedXml('the document is not one <xml> element');
  }
  return typeof root.xml === 'string' ? emptyRoot(root.xml) : root.xml;
}

/** A node as the parser gives it: one name, with the nodes inside, or a text. */
type Node = { readonly [name: string]: readonly Node[] | string };

function parse(source: string): readonly Node[] {
  try {
    return parser.parse(source);
  } catch (error) {
    if (hasCode(error, 'MALFORMED_XML')) throw error;
    throw new MalformedXml('the document is broken, nested too deep or uses a reserved name');
  }
}

/** The elements among some nodes, by name; their text, when there are none. */
function readNodes(nodes: readonly Node[]): string | XmlFields {
  let text = '';
  let fields: Record<string, XmlValue> | undefined;
  for (const node of nodes) {
    for (const name in node) {
      const inside = node[name] ?? '';
      if (typeof inside === 'string') {
        text += inside;
        continue;
      }
      fields ??= Object.create(null) as Record<string, XmlValue>;
      add(fields, name, readNodes(inside));
    }
  }
  if (fields === undefined) return text;
  if (!isBlank(text)) fields[TEXT] = text;
  return fields;
}

function add(fields: Record<string, XmlValue>, name: string, value: XmlValue): void {
  if (name.startsWith('!')) throw new MalformedXml('a declaration is not accepted');
  const others = fields[name];
  fields[name] = others === undefined ? value : [...(Array.isArray(others) ? others : [others]), value];
}

function decodeReference(_reference: string, name?: string, decimal?: string, hexadecimal?: string): string {
  if (name !== undefined) return ENTITIES[name] ?? '';
  const code = decimal === undefined ? Number(`0x${hexadecimal}`) : Number(decimal);
  const character = code <= 0x10ffff ? legalText(String.fromCodePoint(code)) : '';
  if (character === '') throw new MalformedXml('a numeric reference names no character');
  return character;
}

function emptyRoot(text: string): XmlFields {
  if (!isBlank(text)) throw new MalformedXml('<xml> holds text in place of elements');
  return Object.create(null);
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}
