/** Exact counts by name, for names that are few. */
export type Counts = Map<string, number>;

export type StoredCounts = readonly (readonly [name: string, count: number])[];

/** WeChat signs what it sends, so odd names are rare; still a row must not grow by them. */
const MOST_NAMES = 150;
const LONGEST_NAME = 48;
const OTHER = 'other';

export function addCount(counts: Counts, name: string, by = 1): void {
  const short = cutTo(LONGEST_NAME, name);
  const isKnown = counts.has(short) || counts.size < MOST_NAMES;
  increase(counts, isKnown ? short : OTHER, by);
}

export function mergeCounts(into: Counts, from: Iterable<readonly [string, number]>): void {
  for (const [name, count] of from) addCount(into, name, count);
}

export const totalOf = (counts: Counts): number => [...counts.values()].reduce((sum, count) => sum + count, 0);

/** Highest first; equal counts by name. */
export const byCount = <Rest extends readonly unknown[]>(
  [name, count]: readonly [string, number, ...Rest],
  [otherName, otherCount]: readonly [string, number, ...Rest],
): number => otherCount - count || (name < otherName ? -1 : 1);

export function increase(counts: Counts, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

/** The first characters of a text that fit into so many bytes of UTF-8. */
export function cutTo(bytes: number, text: string): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let [used, end] = [0, 0];
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}
