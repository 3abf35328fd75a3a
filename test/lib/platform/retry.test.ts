import { doubling, retry } from '../../../lib/platform/retry.ts';

/** Work that fails so often, and then succeeds; with a clock that only sleeping moves. */
function failing(times: number) {
  const world = { now: 1_000, attempts: 0, slept: [] as number[] };
  const sleep = async (ms: number) => {
    world.slept.push(ms);
    world.now += ms;
  };
  const work = async () => {
    world.attempts += 1;
    if (world.attempts <= times) throw new Error(`failure ${world.attempts}`);
    return `attempt ${world.attempts}`;
  };
  return { world, work, retries: { pauses: [10, 20, 40], sleep } };
}

it.each([
  [0, []],
  [1, [10]],
  [3, [10, 20, 40]],
])('returns what succeeds after %i failures', async (times, slept) => {
  const { world, work, retries } = failing(times);
  expect(await retry(work, retries)).toBe(`attempt ${times + 1}`);
  expect(world.slept).toEqual(slept);
});

it('ends with the last failure after as many pauses', async () => {
  const { world, work, retries } = failing(9);
  await expect(retry(work, retries)).rejects.toThrow('failure 4');
  expect(world.attempts).toBe(4);
});

it.each([
  [1_010, 1],
  [1_011, 2],
  [1_030, 2],
  [1_031, 3],
])('begins no attempt from the deadline on (%i)', async (at, attempts) => {
  const { world, work, retries } = failing(9);
  const deadline = { at, now: () => world.now };
  await expect(retry(work, { ...retries, deadline })).rejects.toThrow(`failure ${attempts}`);
  expect(world.attempts).toBe(attempts);
});

it('ends at once with a failure that does not pass', async () => {
  const { world, work, retries } = failing(9);
  const mayPass = (error: unknown) => (error as Error).message !== 'failure 2';
  await expect(retry(work, { ...retries, mayPass })).rejects.toThrow('failure 2');
  expect(world.slept).toEqual([10]);
});

it('tells of the failures that are followed by another attempt, and of no other', async () => {
  const { work, retries } = failing(9);
  const told: string[] = [];
  const retrying = (error: unknown) => void told.push((error as Error).message);
  await expect(retry(work, { ...retries, retrying })).rejects.toThrow('failure 4');
  expect(told).toEqual(['failure 1', 'failure 2', 'failure 3']);
});

it('doubles pauses up to the longest', () => {
  expect(doubling(100, 500, 5)).toEqual([100, 200, 400, 500, 500]);
});
