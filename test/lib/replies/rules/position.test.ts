import { type Place, positionAt } from '../../../../lib/replies/rules/place.ts';
import { byPosition } from '../../../../lib/replies/rules/position.ts';

type Placed = { id: string; position: string };

/** A list into which rules were put one after the other; ids in the order they ended up in. */
function orderAfter(wishes: [id: string, place: Place][]): string[] {
  const list: Placed[] = [];
  for (const [id, place] of wishes) {
    list.push({ id, position: positionAt(list, place) ?? 'nowhere' });
    list.sort(byPosition);
  }
  return list.map((placed) => placed.id);
}

it.each<[string, [string, Place][], string]>([
  [
    'at the end',
    [
      ['a', {}],
      ['b', {}],
      ['c', {}],
    ],
    'abc',
  ],
  [
    'before the first',
    [
      ['a', {}],
      ['b', { before: 'a' }],
      ['c', { before: 'b' }],
    ],
    'cba',
  ],
  [
    'after the last',
    [
      ['a', {}],
      ['b', { after: 'a' }],
      ['c', { after: 'b' }],
    ],
    'abc',
  ],
  [
    'between',
    [
      ['a', {}],
      ['b', {}],
      ['c', { after: 'a' }],
      ['d', { before: 'c' }],
    ],
    'adcb',
  ],
])('puts rules %s', (_, wishes, order) => expect(orderAfter(wishes).join('')).toBe(order));

it('always finds room between two, and does not grow long at the end', () => {
  const list: Placed[] = [];
  const put = (id: string, place: Place) => {
    list.push({ id, position: positionAt(list, place) ?? 'nowhere' });
    list.sort(byPosition);
  };
  put('first', {});
  put('last', {});
  for (let number = 0; number < 300; number++) put(`n${number}`, number % 2 ? { after: 'first' } : { before: 'last' });
  put('end', {});
  expect(new Set(list.map(({ position }) => position)).size).toBe(303);
  expect([list[0]?.id, list.at(-2)?.id, list.at(-1)?.id]).toEqual(['first', 'last', 'end']);
  expect(list.at(-1)?.position).toHaveLength(2);
});

it('knows no place beside a rule that is not there', () => {
  expect(positionAt([{ id: 'a', position: '500000' }], { after: 'b' })).toBeUndefined();
});

const idsWith = (list: readonly Placed[], place: Place): string =>
  [...list, { id: 'x', position: positionAt(list, place) ?? 'nowhere' }]
    .sort(byPosition)
    .map(({ id }) => id)
    .join('');

const numbered = (...positions: readonly string[]): Placed[] =>
  positions.map((position, index) => ({ id: 'abcd'[index] ?? '', position }));

it.each(['500000', 'a0'])('puts a rule behind or before all that share the position %s', (position) => {
  const list = numbered(position, position, position);
  expect(idsWith(list, { after: 'a' })).toBe('abcx');
  expect(idsWith(list, { before: 'c' })).toBe('xabc');
});

describe('a list whose positions are digits', () => {
  const list = numbered('499999', '500000', '5000005', '500001');

  it.each<[Place, string]>([
    [{}, 'abcdx'],
    [{ before: 'a' }, 'xabcd'],
    [{ after: 'a' }, 'axbcd'],
    [{ after: 'b' }, 'abxcd'],
    [{ before: 'd' }, 'abcxd'],
    [{ after: 'd' }, 'abcdx'],
  ])('keeps its order with a rule put %j', (place, order) => expect(idsWith(list, place)).toBe(order));

  it('keeps it however many are put in', () => {
    const grown = [...list];
    for (let number = 0; number < 200; number++) {
      const beside = grown[(number * 7) % grown.length]?.id ?? '';
      const position = positionAt(grown, number % 2 ? { after: beside } : { before: beside }) ?? 'nowhere';
      grown.splice(grown.findIndex(({ id }) => id === beside) + (number % 2), 0, { id: `n${number}`, position });
      expect([...grown].sort(byPosition)).toEqual(grown);
    }
  });
});
