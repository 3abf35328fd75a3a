import { loginFor } from '../../functions/login/handler.ts';
import { backOffice } from '../../lib/http/back-office.ts';
import { hashing } from '../../lib/operators/passwords.ts';
import { patientDatabase } from '../support/account.ts';
import { call } from '../support/events.ts';
import { anOperator } from '../support/operators.ts';
import { makeTables } from '../support/tables.ts';

let time = Date.parse('2026-03-01T08:00:00Z');
const office = backOffice({ now: () => time, db: patientDatabase() });
const passwords = hashing({ cost: 4 });
const login = loginFor(office, passwords);
const password = 'correct horse battery staple';

const signIn = (username: string, its: string, address: string) =>
  call(login, 'POST /api/v0.1/login', { body: { username, password: its }, address });

beforeAll(makeTables);

/** Who attacks whom with the nth of 1,000 attempts, made ten in a second. */
const attacks = {
  'address after address': (attempt: number) => [attempt % 20, Math.floor(attempt / 20)],
  'a few addresses first': (attempt: number) => [attempt % 3, Math.floor(attempt / 50) + (attempt % 7)],
};

it.each(Object.entries(attacks))(
  '1,000 from 50 addresses, %s, are held back, the right person is not',
  async (order, pick) => {
    const victim = (at: number) => `${order} ${at}`.replaceAll(' ', '.');
    const address = (at: number) => `198.51.${order.length}.${at}`;
    const passed = new Map<string, number>();
    const pass = (key: string) => passed.set(key, (passed.get(key) ?? 0) + 1);
    const passes = (key: string) => passed.get(key) ?? 0;
    await office.operators.create(anOperator(victim(0), { password: await passwords.hash(password) }));
    const rightPerson = () => signIn(victim(0), password, '203.0.113.1');
    expect((await rightPerson()).status).toBe(200);

    for (let second = 0; second < 100; second++) {
      await Promise.all(
        Array.from({ length: 10 }, async (_, at) => {
          const [name = 0, from = 0] = pick(second * 10 + at);
          const { status } = await signIn(victim(name), 'wrong', address(from));
          expect([401, 429]).toContain(status);
          if (status === 401) for (const key of [victim(name), address(from), `${name} ${from}`]) pass(key);
        }),
      );
      time += 1_000;
      if (second % 10 === 9) expect((await rightPerson()).status).toBe(200);
    }

    // In 100 s a name is asked ten times and then every five seconds, by networks that are new to it and by others; a
    // lock lasts a minute, then one may try again.
    for (let name = 0; name < 20; name++) expect(passes(victim(name))).toBeLessThanOrEqual(2 * (10 + 20));
    for (let from = 0; from < 50; from++) expect(passes(address(from))).toBeLessThanOrEqual(20 + 1);
    for (const key of passed.keys()) if (/^\d+ \d+$/.test(key)) expect(passes(key)).toBeLessThanOrEqual(5 + 1);
    expect(passes(victim(0))).toBeGreaterThanOrEqual(10);
  },
);
