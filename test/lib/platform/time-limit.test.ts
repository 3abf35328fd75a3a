import { withTimeLimit } from '../../../lib/platform/time-limit.ts';

class Timeout extends Error {}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it('returns what is done in time, and leaves no timer', async () => {
  expect(await withTimeLimit(10, async () => 'done')).toBe('done');
  expect(jest.getTimerCount()).toBe(0);
});

it('throws what the work throws, also before it waits, and leaves no timer', async () => {
  await expect(withTimeLimit(10, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  const throwing = () => {
    throw new Error('at once');
  };
  await expect(withTimeLimit(10, throwing)).rejects.toThrow('at once');
  expect(jest.getTimerCount()).toBe(0);
});

it('ends work that does not heed its signal, which is given', async () => {
  let given: AbortSignal | undefined;
  const ended = withTimeLimit(10, (signal) => {
    given = signal;
    return new Promise<never>(() => undefined);
  });
  const seen = expect(ended).rejects.toMatchObject({ code: 'TIME_LIMIT_EXCEEDED' });
  await jest.advanceTimersByTimeAsync(9);
  expect(given?.aborted).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  await seen;
  expect(given?.aborted).toBe(true);
});

it('throws the error that is named for it', async () => {
  const seen = expect(
    withTimeLimit(
      10,
      () => new Promise(() => undefined),
      () => new Timeout(),
    ),
  ).rejects.toThrow(Timeout);
  await jest.advanceTimersByTimeAsync(10);
  await seen;
});
