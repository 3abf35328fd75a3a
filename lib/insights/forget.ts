import { hashesIn } from './sketches/hash.ts';
import type { StoredFigures } from './stored.ts';

type StoredText = StoredFigures['texts']['entries'][number];

/**
 * An hour's figures without some followers' hashes; the very same if it has none of them. Their counts stay, and say
 * nothing of anybody. Registers stay, too: the highest of many ranks tells nobody apart.
 */
export function withoutHashes(figures: StoredFigures, gone: ReadonlySet<string>): StoredFigures {
  const isGone = (hash: string) => gone.has(hash);
  const { active, texts } = figures;
  const seen = hashesIn(active.hashes ?? '');
  const isAffected = seen.some(isGone) || texts.entries.some(([, , senders]) => hashesIn(senders).some(isGone));
  if (!isAffected) return figures;
  const entries = texts.entries.map((entry) => withoutSenders(entry, isGone));
  const left = entries.filter(([, , senders]) => senders !== '');
  const dropped = Math.max(0, ...entries.flatMap(([, count, senders]) => (senders === '' ? [count] : [])));
  return {
    ...figures,
    active: {
      ...active,
      ...(active.hashes !== undefined && { hashes: seen.filter((hash) => !isGone(hash)).join('') }),
    },
    texts: { entries: left, missed: texts.missed + dropped },
  };
}

function withoutSenders([hash, count, senders, ...text]: StoredText, isGone: (hash: string) => boolean): StoredText {
  const left = hashesIn(senders).filter((sender) => !isGone(sender));
  return [hash, count, left.join(''), ...text];
}
