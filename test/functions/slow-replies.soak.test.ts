import { slow } from '../../lib/replies/handlers.ts';
import { slowWorld } from '../support/slow-world.ts';
import { makeTables } from '../support/tables.ts';
import { everyInteraction } from '../support/webhook.ts';

beforeAll(makeTables);

/** What has to wait for a busy machine, not for a clock. */
jest.setTimeout(1_800_000);

const A_SECOND = 500;
/** FLOOD_SECONDS=20 is the whole of it, and takes a quiet machine seven minutes. */
const SECONDS = Number(process.env.FLOOD_SECONDS ?? 3);
const HANDLER_MS = 13_000;
const IN_FLIGHT = 100;

it('records every one of 500 slow messages a second, holds at most 100, and loses no reply', async () => {
  const here = slowWorld({
    ...{ inFlight: IN_FLIGHT, mayBeMessaged: false, isKnownToSend: false },
    handlers: { text: slow(async ({ content }) => here.clock.sleep(HANDLER_MS).then(() => `answer ${content}`)) },
  });
  let open = 0;
  let mostOpen = 0;
  const deliveries: Promise<string>[] = [];
  for (let number = 0; number < A_SECOND * SECONDS; number++) {
    if (number % 10 === 0) await here.clock.sleep(10_000 / A_SECOND);
    open += 1;
    const from = `oFlood${number}`;
    deliveries.push(
      here.deliver(here.message(String(number), from)).then(({ sees }) => {
        open -= 1;
        return sees;
      }),
    );
    mostOpen = Math.max(mostOpen, open);
  }
  const seen = await Promise.all(deliveries);
  await here.finish();

  const kept = new Set(
    (await everyInteraction()).filter(({ direction }) => direction === 'in').map(({ openid }) => openid),
  );
  expect(kept.size).toBe(seen.length);
  const told = seen.filter((sees) => sees.includes('weixin://bizmsgmenu'));
  expect(seen.filter((sees) => sees.startsWith('answer ')).length + told.length).toBe(seen.length);
  expect(told.length).toBeGreaterThan(seen.length / 2);
  // A delivery that is not held is over within the step of the clock in which it came.
  expect(mostOpen).toBeLessThanOrEqual(IN_FLIGHT + A_SECOND / 10);
  for (let number = 0; number < seen.length; number += 97) {
    const sees = seen[number] ?? '';
    if (!sees.startsWith('answer ')) {
      const fetched = await here.deliver(here.tapOn(sees, `oFlood${number}`));
      expect(fetched.sees).toBe(`answer ${number}`);
    }
  }
});
