/** A place in the order of rules: a key of `fractional-indexing`, or six digits or more, as rules once had. */
type Placed = { readonly id: string; readonly position: string };

export const byPosition = (one: Placed, other: Placed): number =>
  compare(orderKey(one), orderKey(other)) || compare(one.id, other.id);

/** Digits are a key, too, behind the letter that says how many of them are whole. */
export const orderKey = ({ position }: Placed): string => (/^\d/.test(position) ? `f${position}` : position);

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
