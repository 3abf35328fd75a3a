import { type Attempt, attemptsTable, type Refusal } from '../../../lib/tables/attempts.ts';
import { patientDatabase } from '../../support/account.ts';
import { makeTables, tableNamed } from '../../support/tables.ts';

const attempts = attemptsTable(patientDatabase(), tableNamed('operators'));
const start = Date.parse('2026-03-01T08:00:00Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** An attempt with a wrong password. */
const tryWrong = async (name: string, address: string, now = start) => {
  const answer = await attempts.take({ name, address }, now);
  if (answer.isAllowed) await answer.failed();
  return answer;
};

/** An attempt with the right one. */
const tryRight = async (name: string, address: string, now = start) => {
  const answer = await attempts.take({ name, address }, now);
  if (answer.isAllowed) await answer.succeeded();
  return answer;
};

const isAllowed = async (name: string, address: string, now = start) => (await tryWrong(name, address, now)).isAllowed;

const pauseOf = async (name: string, address: string, now = start) => {
  const answer = await tryWrong(name, address, now);
  return answer.isAllowed ? 0 : answer.retryAfterSeconds;
};

const succeed = async (name: string, address: string, now = start) =>
  expect(await tryRight(name, address, now)).toMatchObject({ isAllowed: true });

const fail = async (times: number, name: string, address: string, now = start) => {
  for (let time = 1; time <= times; time++) expect(await isAllowed(name, address, now)).toBe(true);
};

const allowedOf = (answers: readonly (Attempt | Refusal)[]) => answers.filter((answer) => answer.isAllowed).length;

beforeAll(makeTables);

describe('a name from one address', () => {
  it('is locked by five failures, for a time that doubles up to an hour', async () => {
    await fail(5, 'pair', '198.51.100.1');

    let now = start;
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      expect(await pauseOf('pair', '198.51.100.1', now)).toBe(minutes * 60);
      expect(await pauseOf('pair', '198.51.100.1', now + minutes * MINUTE - 1)).toBe(1);
      now += minutes * MINUTE;
      await fail(1, 'pair', '198.51.100.1', now);
    }
  });

  it('may make one attempt after the pause, not several at once', async () => {
    await fail(5, 'one-each', '198.51.100.2');

    const answers = await Promise.all(
      Array.from({ length: 8 }, () => tryWrong('one-each', '198.51.100.2', start + MINUTE)),
    );

    expect(allowedOf(answers)).toBe(1);
  });

  it('gains nothing by asking all at once', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => tryWrong('at-once', '198.51.100.3')));

    expect(allowedOf(answers)).toBe(5);
    expect(await pauseOf('at-once', '198.51.100.3')).toBe(60);
  });

  it('starts anew after a success, and a day after the last failure', async () => {
    await fail(4, 'anew', '198.51.100.4');
    await succeed('anew', '198.51.100.4');
    await fail(5, 'anew', '198.51.100.4');

    expect(await isAllowed('anew', '198.51.100.4')).toBe(false);
    await fail(5, 'anew', '198.51.100.4', start + 24 * HOUR);
  });

  it('does not lock the name from elsewhere, nor another name from there', async () => {
    await fail(5, 'locked', '198.51.100.5');

    expect(await isAllowed('locked', '198.51.100.5')).toBe(false);
    expect(await isAllowed('locked', '198.51.100.6')).toBe(true);
    expect(await isAllowed('other', '198.51.100.5')).toBe(true);
  });
});

describe('an address', () => {
  it('is locked by twenty failures, whatever the names', async () => {
    for (let at = 0; at < 20; at++) await fail(1, `name-${at}`, '198.51.100.20');

    expect(await pauseOf('yet-another', '198.51.100.20')).toBe(60);
    expect(await isAllowed('yet-another', '198.51.100.21')).toBe(true);
    await fail(1, 'yet-another', '198.51.100.20', start + MINUTE);
    expect(await pauseOf('yet-another', '198.51.100.20', start + MINUTE)).toBe(120);
  });

  it('is not charged for those who succeed, nor cleared by them', async () => {
    for (let at = 0; at < 19; at++) await fail(1, `charged-${at}`, '198.51.100.22');
    for (let at = 0; at < 5; at++) await succeed(`honest-${at}`, '198.51.100.22');

    await fail(1, 'charged-19', '198.51.100.22');
    expect(await isAllowed('charged-20', '198.51.100.22')).toBe(false);
  });

  it('whose pause is over is not locked again by a success', async () => {
    for (let at = 0; at < 20; at++) await fail(1, `over-${at}`, '198.51.100.23');

    await succeed('colleague', '198.51.100.23', start + MINUTE);
    await succeed('colleague', '198.51.100.23', start + MINUTE);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', true],
    ['2001:db8:1:3::1', '2001:0DB8:0001:0003::2', true],
    ['2001:db8::1', '2001:db8:0:0:8::', true],
    ['2001:db8:1:4::1', '2001:db8:1:5::1', false],
    ['::ffff:198.51.100.24', '198.51.100.24', true],
    ['::ffff:198.51.100.25', '::ffff:198.51.100.26', false],
  ])('%s and %s are one network: %s', async (one, other, isOne) => {
    await fail(5, `network of ${one}`, one);

    expect(await isAllowed(`network of ${one}`, other)).toBe(!isOne);
  });
});

describe('right passwords at the same moment', () => {
  const allRight = (who: [name: string, address: string][], now = start) =>
    Promise.all(who.map(([name, address]) => tryRight(name, address, now)));

  it.each<[string, [name: string, address: string][]]>([
    ['of one operator', Array.from({ length: 8 }, () => ['eight', '198.51.101.1'])],
    ['of one operator who is known there', Array.from({ length: 8 }, () => ['eight', '198.51.101.1'])],
    ['of thirty operators behind one address', Array.from({ length: 30 }, (_, at) => [`one-of-${at}`, '198.51.101.2'])],
    ['of one operator at thirty addresses', Array.from({ length: 30 }, (_, at) => ['roaming', `198.51.102.${at}`])],
  ])('%s are not counted against each other', async (_, who) => {
    expect(allowedOf(await allRight(who))).toBe(who.length);
    for (const [name, address] of who.slice(0, 2)) expect(await pauseOf(name, address)).toBe(0);
  });

  it('do not wait for each other longer than a pause that is over', async () => {
    await fail(5, 'late', '198.51.101.3');

    const answers = await allRight(
      Array.from({ length: 8 }, () => ['late', '198.51.101.3']),
      start + MINUTE,
    );

    expect(allowedOf(answers)).toBe(8);
  });

  it('among wrong ones open no more attempts to those', async () => {
    await fail(5, 'mixed', '198.51.101.4', start - 10 * MINUTE);
    const wrong = Array.from({ length: 20 }, () => tryWrong('mixed', '198.51.101.4'));

    expect(allowedOf(await Promise.all(wrong))).toBe(1);
  });

  it('of which nothing more is heard count as failed, and nobody waits for them after ten seconds', async () => {
    for (let at = 0; at < 5; at++) await attempts.take({ name: 'crashed', address: '198.51.101.5' }, start);

    expect(await pauseOf('crashed', '198.51.101.5', start + 10 * SECOND)).toBe(50);
  });
});

describe('a registration', () => {
  const register = (address: string, now = start) => attempts.takeRegistration(address, now);

  it('is refused after ten from one network, for a time that doubles', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, at) => register(`2001:db8:2:2::${at}`)));
    expect(answers.every(({ isAllowed }) => isAllowed)).toBe(true);

    expect(await register('2001:db8:2:2::a')).toEqual({ isAllowed: false, retryAfterSeconds: 60 });
    expect(await register('2001:db8:2:2::a', start + MINUTE)).toEqual(expect.objectContaining({ isAllowed: true }));
    expect(await register('2001:db8:2:2::a', start + MINUTE)).toEqual({ isAllowed: false, retryAfterSeconds: 120 });
  });

  it('neither locks a sign-in nor is locked by one', async () => {
    for (let at = 0; at < 11; at++) await register('203.0.113.70');
    expect(await isAllowed('registered', '203.0.113.70')).toBe(true);

    for (let at = 0; at < 20; at++) await fail(1, `guessed-${at}`, '203.0.113.71');
    expect(await register('203.0.113.71')).toMatchObject({ isAllowed: true });
  });
});

describe('a name under attack from many addresses', () => {
  it('is slowed to one attempt in five seconds, never locked', async () => {
    for (let at = 0; at < 10; at++) await fail(1, 'slowed', `192.0.2.${at}`);

    expect(await pauseOf('slowed', '192.0.2.100')).toBe(5);
    for (let slot = 1; slot <= 20; slot++) {
      const answers = await Promise.all(
        [0, 1, 2].map((at) => tryWrong('slowed', `192.1.${slot}.${at}`, start + slot * 5_000)),
      );
      expect(allowedOf(answers)).toBe(1);
    }
  });

  it('is open to an address it signed in from in the last thirty days', async () => {
    await succeed('attacked', '203.0.113.50');
    for (let at = 0; at < 10; at++) await fail(1, 'attacked', `192.0.2.${at + 100}`, start + HOUR);

    expect(await isAllowed('attacked', '192.0.2.200', start + HOUR)).toBe(false);
    for (let time = 1; time <= 8; time++) await succeed('attacked', '203.0.113.50', start + HOUR);
    await fail(5, 'attacked', '203.0.113.50', start + HOUR);
    expect(await isAllowed('attacked', '203.0.113.50', start + HOUR)).toBe(false);
  });

  it('answers only to itself where it has signed in, whatever others do behind the same address', async () => {
    await succeed('resident', '203.0.113.52');
    for (let at = 0; at < 20; at++) await fail(1, `guest-${at}`, '203.0.113.52', start + HOUR);
    expect(await isAllowed('another-guest', '203.0.113.52', start + HOUR)).toBe(false);

    await succeed('resident', '203.0.113.52', start + HOUR);
    await fail(1, 'another-guest', '203.0.113.52', start + 2 * HOUR);
    await succeed('resident', '203.0.113.52', start + 2 * HOUR);
  });

  it('is slowed, not locked, where it has signed in, when a neighbour tries it', async () => {
    await succeed('tried', '203.0.113.53');
    for (let slot = 0; slot < 20; slot++) {
      for (let time = 0; time < 7; time++) await tryWrong('tried', '203.0.113.53', start + slot * HOUR);
      expect(await pauseOf('tried', '203.0.113.53', start + slot * HOUR)).toBe(5);
      await succeed('tried', '203.0.113.53', start + slot * HOUR + 5 * SECOND);
    }
  });

  it('is open at a new address every five seconds, however many that have tried before keep at it', async () => {
    const crowd = Array.from({ length: 40 }, (_, at) => `192.0.5.${at}`);
    for (const [at, address] of crowd.entries()) await fail(1, 'besieged', address, start + at * 5 * SECOND);
    const later = start + 10 * MINUTE;
    await Promise.all(crowd.map((address) => tryWrong('besieged', address, later)));

    expect(await isAllowed('besieged', crowd[0] ?? '', later)).toBe(false);
    await succeed('besieged', '203.0.113.54', later);
  });

  it('is no longer open to an address after thirty days', async () => {
    const later = start + 30 * 24 * HOUR;
    await succeed('forgotten', '203.0.113.51');
    for (let at = 0; at < 10; at++) await fail(1, 'forgotten', `192.0.3.${at}`, later);

    expect(await isAllowed('forgotten', '203.0.113.51', later)).toBe(false);
    expect(await isAllowed('forgotten', '203.0.113.51', later + 5_000)).toBe(true);
  });

  it('is open to nobody who merely chose a cunning name', async () => {
    for (const name of ['cunning@203.0.113.60', 'known#cunning', 'cunning@']) await succeed(name, '203.0.113.60');
    for (let at = 0; at < 10; at++) await fail(1, 'cunning', `192.0.4.${at}`);

    expect(await isAllowed('cunning', '203.0.113.60')).toBe(false);
  });
});
