import { loginFor } from '../functions/login/handler.ts';
import { backOffice } from '../lib/http/back-office.ts';
import { hashing } from '../lib/operators/passwords.ts';
import { call } from '../test/support/events.ts';
import { anOperator } from '../test/support/operators.ts';
import type { Effort, Row, Section } from './section.ts';
import { withDatabase } from './setup.ts';
import { quantile } from './statistics.ts';

const CALLS = { full: 40, smoke: 2 } as const satisfies Record<Effort, number>;

/** The full run hashes as deployed; the smoke run as little as scrypt can. */
const COST = { full: 17, smoke: 4 } as const satisfies Record<Effort, number>;

const PASSWORD = 'a password of the benchmark';

export const signIn: Section = {
  title: 'Signing in',
  about: 'Aim: an unknown name and a wrong password cannot be told apart by time; by turns, each from a new address.',
  measure: (effort) =>
    withDatabase(async () => {
      const passwords = hashing({ cost: COST[effort] });
      const office = backOffice();
      const login = loginFor(office, passwords);
      const password = await passwords.hash(PASSWORD);
      const attempts = {
        'unknown name': { prefix: 'unknown', password: 'some other password', status: 401 },
        'wrong password': { prefix: 'known', password: 'some other password', status: 401 },
        'right password': { prefix: 'known', password: PASSWORD, status: 200 },
      };
      const times = new Map<string, number[]>(Object.keys(attempts).map((name) => [name, []]));
      for (let round = 0; round <= CALLS[effort]; round++) {
        // A name of its own for each round: one that is attacked from many addresses is slowed.
        await office.operators.create(anOperator(`known${round}`, { password }));
        for (const [name, { prefix, password, status }] of Object.entries(attempts)) {
          const start = performance.now();
          const answer = await call(login, 'POST /api/v0.1/login', {
            body: { username: `${prefix}${round}`, password },
            address: newAddress(),
          });
          if (answer.status !== status) throw new Error(`${name}: ${answer.status} ${answer.body}`);
          if (round > 0) times.get(name)?.push(performance.now() - start);
        }
      }
      return [...times].map(
        ([attempt, all]): Row => ({
          attempt,
          calls: all.length,
          'p25 ms': quantile(all, 0.25),
          'p50 ms': quantile(all, 0.5),
          'p75 ms': quantile(all, 0.75),
          'p99 ms': quantile(all, 0.99),
        }),
      );
    }),
};

let addresses = 0;
const newAddress = () => `10.${++addresses >> 16}.${(addresses >> 8) & 255}.${addresses & 255}`;
