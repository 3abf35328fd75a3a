import { byCount, type Counts, cutTo, increase, type StoredCounts } from '../counts.ts';

/**
 * Counts by name, for names that may be many. Exact until names are left out, the rarest first; from then on no count
 * is short by more than `missed`, and no name that is absent had more.
 */
export type Top = { counts: Counts; missed: number };

export type StoredTop = { readonly entries: StoredCounts; readonly missed: number };

/** WeChat allows 1,024 bytes for the URL of a button, the longest of all names. */
const LONGEST_NAME = 1_024;
const MOST_IN_MEMORY = 20_000;

/** Quotes, comma, brackets and up to seven digits. */
const ENTRY_BYTES = 13;

export const noTop = (): Top => ({ counts: new Map(), missed: 0 });

export function addTop(top: Top, name: string): void {
  if (name !== '') increase(top.counts, cutTo(LONGEST_NAME, name), 1);
}

export function mergeTop(into: Top, from: Top): void {
  for (const [name, count] of from.counts) increase(into.counts, name, count);
  into.missed += from.missed;
  if (into.counts.size > MOST_IN_MEMORY) halve(into);
}

export const highest = ({ counts }: Top, most: number): [string, number][] => [...counts].sort(byCount).slice(0, most);

/** As many of the highest as fit into so many bytes of JSON. */
export function storeTop({ counts, missed }: Top, bytes: number): StoredTop {
  const all = [...counts].sort(byCount);
  const kept = howManyFit(all, bytes, ([name]) => ENTRY_BYTES + Buffer.byteLength(JSON.stringify(name)));
  return { entries: all.slice(0, kept), missed: missed + (all[kept]?.[1] ?? 0) };
}

export const readTop = ({ entries, missed }: StoredTop): Top => ({ counts: new Map(entries), missed });

export function howManyFit<Entry>(entries: readonly Entry[], bytes: number, bytesOf: (entry: Entry) => number): number {
  let left = bytes;
  const first = entries.findIndex((entry) => {
    left -= bytesOf(entry);
    return left < 0;
  });
  return first === -1 ? entries.length : first;
}

function halve(top: Top): void {
  const all = [...top.counts].sort(byCount);
  top.counts = new Map(all.slice(0, MOST_IN_MEMORY / 2));
  top.missed += all[MOST_IN_MEMORY / 2]?.[1] ?? 0;
}
