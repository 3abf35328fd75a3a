import { generateKeyBetween } from 'fractional-indexing';
import { orderKey } from './position.ts';

/** Behind or before a rule, else at the end. */
export type Place = { readonly after?: string; readonly before?: string };

/**
 * The position of a rule among the others, which are in order; undefined when the rule it refers to is not there. Behind
 * or before a rule that shares its position with others, it is behind or before them all.
 */
export function positionAt(
  others: readonly { readonly id: string; readonly position: string }[],
  { after, before }: Place,
): string | undefined {
  const keys = others.map(orderKey);
  const beside = after ?? before;
  if (beside === undefined) return generateKeyBetween(keys.at(-1), null);
  const key = keys[others.findIndex(({ id }) => id === beside)];
  if (key === undefined) return undefined;
  return after === undefined
    ? generateKeyBetween(
        keys.findLast((other) => other < key),
        key,
      )
    : generateKeyBetween(
        key,
        keys.find((other) => other > key),
      );
}
