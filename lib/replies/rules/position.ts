/**
 * A place in the order of rules: digits compared as text, six for the whole part and then a fraction, so that there is
 * always room between two.
 */
const WHOLE_DIGITS = 6;
const FIRST = 500_000;

type Placed = { readonly id: string; readonly position: string };
/** Behind or before a rule, else at the end. */
export type Place = { readonly after?: string; readonly before?: string };

export const byPosition = (one: Placed, other: Placed): number =>
  compare(one.position, other.position) || compare(one.id, other.id);

/** The position of a rule among the others, which are in order; undefined when the rule it refers to is not there. */
export function positionAt(others: readonly Placed[], { after, before }: Place): string | undefined {
  const beside = after ?? before;
  if (beside === undefined) return whole(others.at(-1)?.position, +1);
  const index = others.findIndex(({ id }) => id === beside);
  if (index === -1) return undefined;
  const [low, high] = after !== undefined ? [index, index + 1] : [index - 1, index];
  return between(others[low]?.position, others[high]?.position);
}

function between(low: string | undefined, high: string | undefined): string {
  if (low === undefined || high === undefined) return low === undefined ? whole(high, -1) : whole(low, +1);
  if (low >= high) return `${low}5`;
  let place = '';
  let top = high;
  for (let at = 0; ; at++) {
    const floor = Number(low[at] ?? 0);
    const ceiling = top === '' ? 10 : Number(top[at] ?? 0);
    const middle = Math.floor((floor + ceiling) / 2);
    if (middle > floor && at >= WHOLE_DIGITS) return place + middle;
    place += floor;
    if (ceiling > floor) top = '';
  }
}

/** The next whole place behind (+1) or before (-1) another. */
function whole(position: string | undefined, step: 1 | -1): string {
  if (position === undefined) return String(FIRST);
  return String(Number(position.slice(0, WHOLE_DIGITS)) + step).padStart(WHOLE_DIGITS, '0');
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
