import fc from 'fast-check';
import type { Behaviour } from '../../../lib/insights/behaviour.ts';
import { placed } from '../../../lib/interactions/interaction.ts';
import { sortKeyOf } from '../../../lib/interactions/keys.ts';

/** Interactions as followers and operators might make them, for tests that compare figures with counting by hand. */

const FOLLOWERS = 12;
const TEXTS = ['价格', ' 价格　', '在吗', 'Hello', 'ＨＥＬＬＯ', 'hello  there', '👋', '   ', 'only I say this'];

const kinds: fc.Arbitrary<Pick<Behaviour, 'direction' | 'kind' | 'details' | 'operator' | 'answered_by'>> = fc.oneof(
  { weight: 6, arbitrary: taken('text', fc.record({ content: fc.constantFrom(...TEXTS) }), 'rule-1') },
  { weight: 1, arbitrary: taken('image', fc.constant({ media_id: 'm' })) },
  { weight: 1, arbitrary: taken('unknown.hologram', fc.constant({})) },
  {
    weight: 1,
    arbitrary: taken('event.subscribe', fc.constantFrom({}, { scene: 'booth' }, { scene: 'shop' }), 'hello'),
  },
  { weight: 1, arbitrary: taken('event.unsubscribe', fc.constant({})) },
  { weight: 1, arbitrary: taken('event.SCAN', fc.constantFrom({ scene: 'booth' }, { scene: '7' })) },
  { weight: 2, arbitrary: taken('event.CLICK', fc.constantFrom({ key: 'HELP' }, { key: 'two words' })) },
  { weight: 1, arbitrary: taken('event.VIEW', fc.constant({ url: 'https://example.com/?a=1&b=2' })) },
  { weight: 1, arbitrary: taken('event.location_select', fc.constant({ key: 'HERE' })) },
  { weight: 1, arbitrary: taken('event.TEMPLATESENDJOBFINISH', fc.constant({ msg_id: '1', status: 'success' })) },
  { weight: 1, arbitrary: taken('unknown.event.hologram_opened', fc.constant({})) },
  { weight: 3, arbitrary: fc.constant({ direction: 'out' as const, kind: 'text', details: {}, operator: 'lin' }) },
  { weight: 1, arbitrary: fc.constant({ direction: 'out' as const, kind: 'text', details: {} }) },
);

/** Some interactions received between two times (milliseconds); some of them are received long after they happened. */
export const interactionsBetween = (from: number, to: number, maxLength: number): fc.Arbitrary<Behaviour[]> =>
  fc
    .array(
      fc.record({
        kind: kinds,
        follower: fc.integer({ min: 1, max: FOLLOWERS }),
        at: fc.oneof(fc.integer({ min: from, max: to - 1 }), onTheHour(from, to)),
        late: fc.oneof(
          { weight: 8, arbitrary: fc.integer({ min: 0, max: 15 }) },
          fc.integer({ min: 0, max: 60 * 3600 }),
        ),
      }),
      { minLength: maxLength / 2, maxLength, size: 'max' },
    )
    .map((drawn) => drawn.map(({ kind, follower, at, late }, index) => made(kind, `o-${follower}`, at, late, index)));

/** The same interactions each time: draws one value with a seed. */
export const draw = <T>(arbitrary: fc.Arbitrary<T>, seed: number): T =>
  fc.sample(arbitrary, { seed, numRuns: 1 })[0] as T;

export function made(
  kind: Pick<Behaviour, 'direction' | 'kind' | 'details' | 'operator' | 'answered_by'>,
  openid: string,
  receivedAt: number,
  lateSeconds: number,
  index: number,
): Behaviour {
  const created = Math.floor(receivedAt / 1000) - (kind.direction === 'out' ? 0 : lateSeconds);
  const identity = `${receivedAt}-${index}`;
  return {
    openid,
    created: sortKeyOf(created, identity),
    ...placed({ shards: 2, retentionDays: undefined }, receivedAt, identity),
    ...kind,
  };
}

function taken(kind: string, details: fc.Arbitrary<Record<string, string>>, answered_by?: string) {
  const answer = answered_by === undefined ? fc.constant({}) : fc.constantFrom({}, { answered_by });
  return fc
    .tuple(details, answer)
    .map(([details, answer]) => ({ direction: 'in' as const, kind, details, reply: null, ...answer }));
}

/** The first and last milliseconds of hours. */
function onTheHour(from: number, to: number): fc.Arbitrary<number> {
  const hours = Math.floor((to - from) / 3_600_000);
  return fc
    .tuple(fc.integer({ min: 0, max: hours - 1 }), fc.constantFrom(0, 3_599_999))
    .map(([hour, into]) => from + hour * 3_600_000 + into);
}
