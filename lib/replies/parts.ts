/** Splits a text into graphemes: what a reader sees as one character, of one or more code points. */
const GRAPHEMES = new Intl.Segmenter('zh', { granularity: 'grapheme' });

const SENTENCE_ENDS = new Set('。！？!?…；;');
const CLOSING = new Set('”’」』）)"》】');
const LATIN_ENDS = new Set('.!?;:');
const PAUSES = new Set('，、,：');

/** The places to cut a text, best first. */
const PLACES = ['paragraph', 'sentence', 'pause'] as const;
type Place = (typeof PLACES)[number];

/**
 * Splits a text into parts of at most `most` bytes (UTF-8), which joined are the text. Cuts after a paragraph, else a
 * sentence, else a pause, if that fills at least half of the part, else between graphemes; never inside `<a>…</a>`,
 * unless the link alone is longer than a part. Linear in the text.
 */
export function cut(text: string, most: number): string[] {
  const parts: string[] = [];
  let part = '';
  let bytes = 0;
  let before = '';
  let places = new Map<Place, { length: number; bytes: number }>();
  for (const atom of atomsOf(text, most)) {
    const size = Buffer.byteLength(atom);
    if (bytes + size > most) {
      const best = PLACES.map((place) => places.get(place)).find((at) => at !== undefined && at.bytes * 2 >= most);
      const end = best ?? { length: part.length, bytes };
      parts.push(part.slice(0, end.length));
      part = part.slice(end.length);
      bytes -= end.bytes;
      places = new Map();
    }
    if (bytes + size > most) {
      parts.push(part);
      part = '';
      bytes = 0;
    }
    part += atom;
    bytes += size;
    const place = placeAfter(atom, before);
    if (place !== undefined) places.set(place, { length: part.length, bytes });
    before = atom;
  }
  return [...parts, part].filter((each) => each.trim() !== '');
}

function placeAfter(atom: string, before: string): Place | undefined {
  if (atom === '\n' || atom === '\r\n') return 'paragraph';
  if (SENTENCE_ENDS.has(atom) || (CLOSING.has(atom) && SENTENCE_ENDS.has(before))) return 'sentence';
  if (atom.trim() === '') return LATIN_ENDS.has(before) ? 'sentence' : 'pause';
  return PAUSES.has(atom) ? 'pause' : undefined;
}

/** The indivisible pieces: whole links, and graphemes between them. */
function* atomsOf(text: string, most: number): Generator<string> {
  for (const { isLink, piece } of piecesOf(text)) {
    if (isLink && Buffer.byteLength(piece) <= most) yield piece;
    else
      for (const { segment } of GRAPHEMES.segment(piece))
        yield* Buffer.byteLength(segment) <= most ? [segment] : segment;
  }
}

type Piece = { readonly isLink: boolean; readonly piece: string };

function* piecesOf(text: string): Generator<Piece> {
  let plainFrom = 0;
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at)) {
    if (!/^<a[\s>]/i.test(text.slice(at, at + 3))) {
      at += 1;
      continue;
    }
    const end = endOfLink(text, at);
    if (end === undefined) break;
    yield { isLink: false, piece: text.slice(plainFrom, at) };
    yield { isLink: true, piece: text.slice(at, end) };
    plainFrom = end;
    at = end;
  }
  yield { isLink: false, piece: text.slice(plainFrom) };
}

/** The end of the link that begins at `from`; undefined if no link ends after it. */
function endOfLink(text: string, from: number): number | undefined {
  for (let at = text.indexOf('</', from); at !== -1; at = text.indexOf('</', at + 2)) {
    if (/^a>$/i.test(text.slice(at + 2, at + 4))) return at + 4;
  }
  return undefined;
}
