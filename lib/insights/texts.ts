import { byCount, cutTo } from './counts.ts';
import { type Hashes, hashesIn } from './sketches/hash.ts';
import { howManyFit } from './sketches/top-k.ts';

/**
 * Texts of messages by frequency. A text is known by its hash; what it says is kept in a row, and shown, only when
 * `FOLLOWERS_TO_SHOW` followers sent it. Exact until texts are left out, as in `top.ts`. Hashes of different keys never
 * meet: a text is counted under each key by itself.
 */
export type Texts = { entries: Map<string, Entry>; missed: number };

type Entry = {
  count: number;
  /** The least hashes of its senders, so that the order of counting makes no difference. */
  senders: readonly string[];
  text: string | undefined;
};

export type StoredTexts = { readonly entries: readonly StoredText[]; readonly missed: number };
type StoredText = readonly [hash: string, count: number, senders: string, text?: string];

/** The senders of a text in the rows around, at most `FOLLOWERS_TO_SHOW`. */
export type SentAround = (hash: string) => readonly string[];

const FOLLOWERS_TO_SHOW = 3;

const LONGEST_TEXT = 300;
const MOST_IN_MEMORY = 20_000;

/** The hashes of the text and its senders, punctuation and up to seven digits. */
const ENTRY_BYTES = 66;

export const noTexts = (): Texts => ({ entries: new Map(), missed: 0 });

/** So much of a text is counted. NFKC takes time with the square of a run of combining marks: 60,000 take over a second. */
const LONGEST_COUNTED = 2_048;

/** Blanks, width (全角/半角), case and compatibility forms make no difference; nor what follows 2,048 characters. */
export const normalised = (text: string): string =>
  text.slice(0, LONGEST_COUNTED).normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();

export function addText(texts: Texts, content: string, sender: string, { of }: Hashes): void {
  const text = normalised(content);
  if (text !== '') join(texts, of(text), { count: 1, senders: [of(sender)], text: cutTo(LONGEST_TEXT, text) });
}

export function mergeTexts(into: Texts, from: Texts): void {
  for (const [hash, entry] of from.entries) join(into, hash, entry);
  into.missed += from.missed;
  if (into.entries.size > MOST_IN_MEMORY) halve(into);
}

export const sendersOf = ({ entries }: Texts, hash: string): readonly string[] => entries.get(hash)?.senders ?? [];

/** The texts that may be listed, most frequent first. */
export function shown({ entries }: Texts, most: number): { text: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { text, count, senders } of entries.values()) {
    if (text !== undefined && senders.length >= FOLLOWERS_TO_SHOW) counts.set(text, (counts.get(text) ?? 0) + count);
  }
  return [...counts]
    .sort(byCount)
    .slice(0, most)
    .map(([text, count]) => ({ text, count }));
}

/** As many of the highest as fit into so many bytes of JSON. */
export function storeTexts({ entries, missed }: Texts, bytes: number, sentAround: SentAround): StoredTexts {
  const all = [...entries].sort(byFrequency);
  const stored = all.map(([hash, { count, senders, text }]): StoredText => {
    const isCommon = text !== undefined && least(senders, sentAround(hash)).length >= FOLLOWERS_TO_SHOW;
    return isCommon ? [hash, count, senders.join(''), text] : [hash, count, senders.join('')];
  });
  const kept = howManyFit(stored, bytes, bytesOf);
  return { entries: stored.slice(0, kept), missed: missed + (stored[kept]?.[1] ?? 0) };
}

export const readTexts = ({ entries, missed }: StoredTexts): Texts => ({
  entries: new Map(entries.map(([hash, count, senders, text]) => [hash, { count, senders: hashesIn(senders), text }])),
  missed,
});

const bytesOf = ([, , , text]: StoredText): number =>
  ENTRY_BYTES + (text === undefined ? 0 : Buffer.byteLength(JSON.stringify(text)));

function join(texts: Texts, hash: string, { count, senders, text }: Entry): void {
  const entry = texts.entries.get(hash);
  if (entry === undefined) {
    texts.entries.set(hash, { count, senders, text });
    return;
  }
  entry.count += count;
  entry.senders = least(entry.senders, senders);
  entry.text ??= text;
}

function least(some: readonly string[], others: readonly string[]): readonly string[] {
  if (others.every((other) => some.includes(other))) return some;
  return [...new Set([...some, ...others])].sort().slice(0, FOLLOWERS_TO_SHOW);
}

const byFrequency = ([hash, { count }]: [string, Entry], [otherHash, other]: [string, Entry]): number =>
  other.count - count || (hash < otherHash ? -1 : 1);

function halve(texts: Texts): void {
  const all = [...texts.entries].sort(byFrequency);
  texts.entries = new Map(all.slice(0, MOST_IN_MEMORY / 2));
  texts.missed += all[MOST_IN_MEMORY / 2]?.[1].count ?? 0;
}
