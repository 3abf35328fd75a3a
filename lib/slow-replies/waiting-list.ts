/**
 * The waiting parts of replies of a follower, in order, each with the reference of its reply. Pure functions; the table
 * stores their results.
 */

export type WaitingPart = {
  readonly reference: string;
  readonly part: number;
  /** The follower has the part before, with a link to this one: only a tap or its word fetches it. */
  readonly is_linked?: true;
  /** The sort key of the delivery whose reply it was; a repetition of that delivery gets it again. */
  readonly given_to?: string;
  /** In milliseconds. */
  readonly given_at?: number;
};

export type WaitingList = readonly WaitingPart[];

/** The most waiting parts of one follower; the oldest is dropped for the newest. */
export const MOST_WAITING = 20;

/** The time for which a delivered part is remembered; WeChat's retries are over by then. */
const GIVEN_MS = 60_000;

/** The parts that a delivery may get: those it got before, else those that no delivery got. */
export function givableTo(list: WaitingList, delivery: string): WaitingList {
  const mine = list.filter(({ given_to }) => given_to === delivery);
  return mine.length > 0 ? mine : list.filter(({ given_to }) => given_to === undefined);
}

/** The parts that the next message brings: not those that the follower has a link to. */
export const brought = (list: WaitingList): WaitingList => list.filter(({ is_linked }) => !is_linked);

/** The list with a part added at the end, unless it is there; `dropped`: the number removed to make room. */
export function withWaiting(
  list: WaitingList,
  added: WaitingPart,
): { readonly list: WaitingList; readonly dropped: number } {
  if (list.some((each) => isSame(each, added))) return { list, dropped: 0 };
  const all = [...list, added];
  const dropped = Math.max(0, all.length - MOST_WAITING);
  return { list: all.slice(dropped), dropped };
}

/** The list with parts marked as given to a delivery, followed by their next parts, without those given long ago. */
export function given(
  list: WaitingList,
  parts: readonly (WaitingPart & { readonly hasNext: boolean })[],
  delivery: string,
  now: number,
): WaitingList {
  const recent = list.filter(({ given_at }) => given_at === undefined || now - given_at < GIVEN_MS);
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
  }, recent);
  return all.slice(-2 * MOST_WAITING);
}

/** The list as it was before a delivery got parts. */
export const takenBack = (list: WaitingList, delivery: string): WaitingList =>
  list.map(({ given_to, given_at, ...each }) =>
    given_to === delivery ? each : { ...each, ...(given_to && { given_to }), ...(given_at && { given_at }) },
  );

export const without = (list: WaitingList, reference: string): WaitingList =>
  list.filter((each) => each.reference !== reference);

type Place = Pick<WaitingPart, 'reference' | 'part'>;

const isSame = (one: Place, other: Place): boolean => one.reference === other.reference && one.part === other.part;
