import { SESSION_SECONDS, sessions } from '../../../lib/operators/sessions.ts';

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

describe('a change of the secret', () => {
  const next = 'the next secret, of more than thirty-two bytes';
  const changed = (time: number, previous?: string) => sessions({ secret: next, previous, now: () => time });

  it('leaves signed in whoever was, until their token expires, while the predecessor is known', async () => {
    const token = await at(start).issue(aSession);

    expect(await changed(start, secret).read(token)).toEqual(aSession);
    expect(await changed(start + SESSION_SECONDS * 1000, secret).read(token)).toBeUndefined();
  });

  it('signs with the new one at once', async () => {
    const token = await changed(start, secret).issue(aSession);

    expect(await changed(start).read(token)).toEqual(aSession);
    expect(await at(start).read(token)).toBeUndefined();
  });

  it('ends every session when the predecessor is not told, as after a leak', async () => {
    const token = await at(start).issue(aSession);

    expect(await changed(start).read(token)).toBeUndefined();
    expect(await changed(start, 'yet another secret of thirty-two bytes').read(token)).toBeUndefined();
  });

  it('lets nothing pass that the predecessor would not have let pass', async () => {
    const [head, , signature] = (await at(start).issue(aSession)).split('.');
    const [, theirs] = (await at(start).issue({ username: 'admin', session: 1 })).split('.');

    expect(await changed(start, secret).read([head, theirs, signature].join('.'))).toBeUndefined();
  });
});
