import * as v from 'valibot';
import { mustContinue, readCursor, WrongCursor, writeCursor } from '../../../lib/platform/cursor.ts';

const Cursor = v.strictObject({ from: v.number(), name: v.optional(v.string()) });
const base64url = (text: string): string => Buffer.from(text).toString('base64url');

it.each([{ from: 1 }, { from: 1, name: '张三 😀' }])('is read as it was written: %j', (content) => {
  const cursor = writeCursor(content);
  expect(cursor).toMatch(/^[\w-]+$/);
  expect(readCursor(Cursor, cursor)).toEqual(content);
});

it.each([
  ['nothing', ''],
  ['no base64url', '!'],
  ['padded', `${base64url('{"from":1 }')}=`],
  ['with bits left over', `${base64url('{"from":12}').slice(0, -1)}R`],
  ['no JSON', base64url('{"from":1')],
  ['of another shape', base64url('{"from":"1"}')],
  ['with a field more', base64url('{"from":1,"more":2}')],
  ['too long', base64url(JSON.stringify({ from: 1, name: 'n'.repeat(10_000) }))],
])('is refused if it is %s', (_, cursor) => {
  expect(() => readCursor(Cursor, cursor)).toThrow(WrongCursor);
});

it('continues the query of the first page alone', () => {
  const query = { from: 1, name: 'a' };
  expect(mustContinue(query, { from: undefined, name: 'a' })).toBe(query);
  expect(() => mustContinue(query, { name: 'b' })).toThrow('belongs to another name');
  expect(() => mustContinue({ from: 1, name: undefined }, { name: 'b' })).toThrow(WrongCursor);
});
