import { byPosition, type Place, positionAt } from '../../../../lib/replies/rules/position.ts';

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
  expect(list.at(-1)?.position).toHaveLength(6);
});

it('knows no place beside a rule that is not there', () => {
  expect(positionAt([{ id: 'a', position: '500000' }], { after: 'b' })).toBeUndefined();
});

it('puts a rule behind two that share a place', () => {
  const list = [
    { id: 'a', position: '500000' },
    { id: 'b', position: '500000' },
  ];
  expect(
    [...list, { id: 'c', position: positionAt(list, { after: 'a' }) ?? '' }].sort(byPosition).map(({ id }) => id),
  ).toEqual(['a', 'b', 'c']);
});
