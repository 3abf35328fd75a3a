import { SESSION_SECONDS, sessions } from '../../../lib/auth/sessions.ts';

const secret = 'thirty-two bytes or more of secret';
const start = Date.parse('2026-03-01T08:00:00Z');

const at = (time: number, itsSecret = secret) => sessions({ secret: itsSecret, now: () => time });
const aSession = { username: 'ming', session: 3 };

it('reads back who was signed in', async () => {
  const token = await at(start).issue(aSession);

  expect(await at(start).read(token)).toEqual(aSession);
});

it('lasts twelve hours, not a second longer', async () => {
  const token = await at(start).issue(aSession);

  expect(SESSION_SECONDS).toBe(12 * 60 * 60);
  expect(await at(start + (SESSION_SECONDS - 1) * 1000).read(token)).toEqual(aSession);
  expect(await at(start + SESSION_SECONDS * 1000).read(token)).toBeUndefined();
});

it('reads nothing signed with another secret', async () => {
  const token = await at(start, 'another secret of more than thirty-two bytes').issue(aSession);

  expect(await at(start).read(token)).toBeUndefined();
});

it('reads nothing whose claims were exchanged', async () => {
  const [mine = '', , signature] = (await at(start).issue(aSession)).split('.');
  const [, theirs = ''] = (await at(start).issue({ username: 'admin', session: 1 })).split('.');

  expect(await at(start).read([mine, theirs, signature].join('.'))).toBeUndefined();
});

it.each(['', 'x', '..', 'a.b.c', 'null', '{}', '𝒶.𝒷.𝒸'])('reads nothing from %j', async (token) => {
  expect(await at(start).read(token)).toBeUndefined();
});
