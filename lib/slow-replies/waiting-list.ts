/**
 * What waits for a follower, in its order: parts of replies, each by the item it lies in. Pure: the table keeps what these
 * functions return.
 */

export type WaitingPart = {
  readonly reference: string;
  readonly part: number;
  /** The follower has read the part before, with a link to this one: only a tap or its word fetches it. */
  readonly is_linked?: true;
  /** The delivery (its sort key) that it was given to; a repetition of that one is given it again. */
  readonly given_to?: string;
  /** In milliseconds. */
  readonly given_at?: number;
};

export type WaitingList = readonly WaitingPart[];

/** The most that waits for one follower; the oldest is dropped for the newest. */
export const MOST_WAITING = 20;

/** WeChat has repeated what it repeats by then. */
const GIVEN_MS = 60_000;

/** What a delivery may be given: what it was given before, else what was given to nobody. */
export function givableTo(list: WaitingList, delivery: string): WaitingList {
  const mine = list.filter(({ given_to }) => given_to === delivery);
  return mine.length > 0 ? mine : list.filter(({ given_to }) => given_to === undefined);
}

/** What a next message brings: not the rest of what the follower has read the beginning of. */
export const brought = (list: WaitingList): WaitingList => list.filter(({ is_linked }) => !is_linked);

/** With one more at the end, unless it is there; `dropped` are those that there was no room for. */
export function withWaiting(
  list: WaitingList,
  added: WaitingPart,
): { readonly list: WaitingList; readonly dropped: number } {
  if (list.some((each) => isSame(each, added))) return { list, dropped: 0 };
  const all = [...list, added];
  const dropped = Math.max(0, all.length - MOST_WAITING);
  return { list: all.slice(dropped), dropped };
}

/** With some parts given to a delivery, their next parts in their places, and without what others were given long ago. */
export function given(
  list: WaitingList,
  parts: readonly (WaitingPart & { readonly hasNext: boolean })[],
  delivery: string,
  now: number,
): WaitingList {
  const kept = list.filter(({ given_at }) => given_at === undefined || now - given_at < GIVEN_MS);
  const all = parts.reduce<WaitingList>((rest, { reference, part, hasNext }) => {
    const others = rest.filter((each) => !isSame(each, { reference, part }));
    const place = rest.findIndex((each) => isSame(each, { reference, part }));
    const next: WaitingList =
      hasNext && !others.some((each) => isSame(each, { reference, part: part + 1 }))
        ? [{ reference, part: part + 1, is_linked: true }]
        : [];
    const at = place === -1 ? others.length : place;
    const marked = { ...rest[place], reference, part, given_to: delivery, given_at: now };
    return [...others.slice(0, at), marked, ...next, ...others.slice(at)];
  }, kept);
  return all.slice(-2 * MOST_WAITING);
}

/** As before a delivery was given anything. */
export const takenBack = (list: WaitingList, delivery: string): WaitingList =>
  list.map(({ given_to, given_at, ...each }) =>
    given_to === delivery ? each : { ...each, ...(given_to && { given_to }), ...(given_at && { given_at }) },
  );

export const without = (list: WaitingList, reference: string): WaitingList =>
  list.filter((each) => each.reference !== reference);

type Place = Pick<WaitingPart, 'reference' | 'part'>;

const isSame = (one: Place, other: Place): boolean => one.reference === other.reference && one.part === other.part;
