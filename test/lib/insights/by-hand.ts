import type { Behaviour } from '../../../lib/insights/behaviour.ts';

/** Figures counted straight from the interactions, with none of the code that is tested. */

const MENU: Record<string, string> = { CLICK: 'key', VIEW: 'url', location_select: 'key' };
const NOBODYS_ACT = ['unsubscribe', 'TEMPLATESENDJOBFINISH'];
const TWO_DAYS_MS = 172_800_000;

export function byHand(all: readonly Behaviour[], from: number, to: number) {
  const within = all.filter(({ received }) => at(received) >= from && at(received) < to);
  const incoming = within.filter(({ direction }) => direction === 'in');
  const messages = incoming.filter(({ kind }) => !kind.includes('event.'));
  const events = incoming.filter(({ kind }) => kind.includes('event.'));
  const eventsNamed = (name: string) => events.filter(({ kind }) => kind === `event.${name}`);
  const waits = waitsByHand(all).filter(({ answered }) => answered >= from && answered < to);
  const acts = incoming.filter(
    ({ kind }) => !kind.startsWith('unknown') && !NOBODYS_ACT.some((name) => kind === `event.${name}`),
  );
  const menu = Object.entries(MENU).flatMap(([event, fact]) =>
    eventsNamed(event).map(({ details }) => JSON.stringify({ event, key: details[fact] })),
  );
  const scenes = ['subscribe', 'SCAN'].flatMap((event) =>
    eventsNamed(event).flatMap(({ details }) =>
      details.scene ? [JSON.stringify({ event, scene: details.scene })] : [],
    ),
  );
  return {
    messages: { total: messages.length, by_type: tally(messages.map(({ kind }) => kind)) },
    events: { total: events.length, by_type: tally(events.map(({ kind }) => kind.replace('event.', ''))) },
    followers: {
      new: eventsNamed('subscribe').length,
      lost: eventsNamed('unsubscribe').length,
      net: eventsNamed('subscribe').length - eventsNamed('unsubscribe').length,
      active: new Set(acts.map(({ openid }) => openid)).size,
    },
    menu: listed(menu),
    scenes: listed(scenes),
    texts: textsByHand(messages),
    answered_by: listed(
      incoming.flatMap(({ answered_by }) => (answered_by ? [JSON.stringify({ rule: answered_by })] : [])),
    ),
    answers: within.filter(({ direction, operator }) => direction === 'out' && operator).length,
    first_answers: {
      count: waits.length,
      median_seconds: rank(waits, 0.5),
      p95_seconds: rank(waits, 0.95),
    },
  };
}

/** Lists of equal counts may come in any order. */
export const inOneOrder = (figures: object): object =>
  Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((entry) => JSON.stringify(entry)).sort() : value,
    ]),
  );

function textsByHand(messages: readonly Behaviour[]): { text: string; count: number }[] {
  const said = messages
    .filter(({ kind }) => kind === 'text')
    .map(({ openid, details }) => ({ openid, text: plain(String(details.content)) }));
  return Object.entries(tally(said.map(({ text }) => text)))
    .filter(([text]) => text !== '')
    .filter(([text]) => new Set(said.filter((one) => one.text === text).map(({ openid }) => openid)).size >= 3)
    .map(([text, count]) => ({ text, count }));
}

const plain = (text: string): string => text.normalize('NFKC').toLowerCase().split(/\s+/).filter(Boolean).join(' ');

function waitsByHand(all: readonly Behaviour[]): { answered: number; waited: number }[] {
  const sorted = [...all].sort((one, other) => (one.received < other.received ? -1 : 1));
  return sorted.flatMap((answer, index) => {
    if (answer.direction !== 'out' || !answer.operator) return [];
    const before = sorted.slice(0, index).filter(({ openid }) => openid === answer.openid);
    const since = before.slice(before.findLastIndex(({ direction, operator }) => direction === 'out' && operator) + 1);
    const answered = at(answer.received);
    const first = since.find(
      ({ direction, kind, received, created }) =>
        direction === 'in' &&
        !kind.includes('event.') &&
        at(received) >= answered - TWO_DAYS_MS &&
        Number(created.slice(0, 10)) * 1000 >= answered - TWO_DAYS_MS,
    );
    return first ? [{ answered, waited: answered - at(first.received) }] : [];
  });
}

function rank(waits: { waited: number }[], q: number): number | null {
  const sorted = waits.map(({ waited }) => waited).sort((one, other) => one - other);
  const value = sorted[Math.ceil(q * sorted.length) - 1];
  return value === undefined ? null : Math.round(value) / 1000;
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

const listed = (names: readonly string[]): object[] =>
  Object.entries(tally(names)).map(([name, count]) => ({ ...JSON.parse(name), count }));

const at = (received: string): number => Number(received.slice(0, 13));
