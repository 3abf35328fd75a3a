import * as v from 'valibot';
import { byCount, type Counts, type StoredCounts } from './counts.ts';
import type { Figures } from './figures.ts';
import { HOUR_MS } from './hours.ts';
import { readQuantiles, type StoredQuantiles, storeQuantiles } from './sketches/ddsketch.ts';
import { noneDistinct, readDistinct, type StoredDistinct, storeDistinct } from './sketches/distinct.ts';
import { readTop, type StoredTop, storeTop } from './sketches/top-k.ts';
import { readTexts, type SentAround, type StoredTexts, storeTexts } from './texts.ts';
import { MEMORY_MS } from './waits.ts';

/** An hour's figures as they lie in a row: plain JSON, the same for the same interactions in any order. */
export type StoredFigures = {
  readonly version: typeof VERSION;
  /** Under which key the followers and texts are hashed (`Hashes`); absent when there are none. */
  readonly key?: string;
  readonly messages: StoredCounts;
  readonly events: StoredCounts;
  readonly active: StoredDistinct;
  readonly menu: StoredTop;
  readonly scenes: StoredTop;
  readonly texts: StoredTexts;
  readonly answered_by: StoredTop;
  readonly answers: number;
  readonly waits: StoredQuantiles;
  /** Seconds since 1970; absent when nothing that was counted ever expires. */
  readonly expires?: number;
};

/** Raised when a figure is counted differently; rows of another version count as absent, and are made anew. */
const VERSION = 2;

/** JSON's length is above what DynamoDB counts for the same item. */
export const MOST_ROW_BYTES = 100_000;

/** What lists may take of a row; the counts, the distinct and the quantiles bound themselves (50 KB together). */
const LIST_BYTES = { menu: 12_000, scenes: 8_000, texts: 24_000, answered_by: 4_000 } as const;

/** @throws RangeError if a row is over 100 KB, which the bounds of its parts rule out */
export function store(figures: Figures, sentAround: SentAround): StoredFigures {
  const [[key, active] = ['', noneDistinct()]] = figures.active;
  const stored: StoredFigures = {
    version: VERSION,
    ...(key !== '' && { key }),
    messages: storeCounts(figures.messages),
    events: storeCounts(figures.events),
    active: storeDistinct(active),
    menu: storeTop(figures.menu, LIST_BYTES.menu),
    scenes: storeTop(figures.scenes, LIST_BYTES.scenes),
    texts: storeTexts(figures.texts, LIST_BYTES.texts, sentAround),
    answered_by: storeTop(figures.answered_by, LIST_BYTES.answered_by),
    answers: figures.answers,
    waits: storeQuantiles(figures.waits),
    ...(Number.isFinite(figures.expires) && { expires: figures.expires }),
  };
  const bytes = Buffer.byteLength(JSON.stringify(stored));
  if (bytes > MOST_ROW_BYTES) throw new RangeError(`the figures take ${bytes} bytes, at most ${MOST_ROW_BYTES}`);
  return stored;
}

export const read = (stored: StoredFigures): Figures => ({
  messages: new Map(stored.messages),
  events: new Map(stored.events),
  active: new Map([[stored.key ?? '', readDistinct(stored.active)]]),
  menu: readTop(stored.menu),
  scenes: readTop(stored.scenes),
  texts: readTexts(stored.texts),
  answered_by: readTop(stored.answered_by),
  answers: stored.answers,
  waits: readQuantiles(stored.waits),
  expires: stored.expires ?? Number.POSITIVE_INFINITY,
});

/** Lists may be long, so that each entry is looked at and not copied. */
const isPair = (entry: unknown, first: 'string' | 'number'): boolean =>
  Array.isArray(entry) && typeof entry[0] === first && typeof entry[1] === 'number';
const areCounts = (value: unknown): boolean => Array.isArray(value) && value.every((entry) => isPair(entry, 'string'));
const isText = (entry: unknown): boolean =>
  isPair(entry, 'string') &&
  Array.isArray(entry) &&
  typeof entry[2] === 'string' &&
  (entry[3] === undefined || typeof entry[3] === 'string');

const counts = v.custom<StoredCounts>(areCounts);
const top = v.object({ entries: counts, missed: v.number() });

const Stored = v.object({
  version: v.literal(VERSION),
  key: v.exactOptional(v.string()),
  messages: counts,
  events: counts,
  active: v.object({ hashes: v.exactOptional(v.string()), registers: v.exactOptional(v.string()) }),
  menu: top,
  scenes: top,
  texts: v.object({
    entries: v.custom<StoredTexts['entries']>((value) => Array.isArray(value) && value.every(isText)),
    missed: v.number(),
  }),
  answered_by: top,
  answers: v.number(),
  waits: v.object({
    values: v.exactOptional(v.array(v.number())),
    buckets: v.exactOptional(v.array(v.tuple([v.number(), v.number()]))),
  }),
  expires: v.exactOptional(v.number()),
});

/** The figures in a row; undefined of another version's, and of what cannot be read: they are made anew. */
export function storedFiguresIn(item: unknown): StoredFigures | undefined {
  const read = v.safeParse(Stored, item);
  return read.success ? read.output : undefined;
}

export const isCurrent = ({ version }: { readonly version: number }): boolean => version === VERSION;

/** Whether all that was counted, and the messages whose answers were, can still be read. */
export const canBeMadeAnew = ({ expires }: Pick<StoredFigures, 'expires'>, now: number): boolean =>
  expires === undefined || expires * 1000 > now + MEMORY_MS + HOUR_MS;

const storeCounts = (counts: Counts): StoredCounts => [...counts].sort(byCount);
