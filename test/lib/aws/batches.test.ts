import { untilDone } from '../../../lib/aws/batches.ts';

const noPause = { pauses: [1, 2, 3], sleep: async () => undefined };

it('does what is left again, and nothing else', async () => {
  const rounds: number[][] = [];
  await untilDone('items', [1, 2, 3, 4], noPause, async (left) => {
    rounds.push(left);
    return left.slice(2);
  });
  expect(rounds).toEqual([
    [1, 2, 3, 4],
    [3, 4],
  ]);
});

it('asks nothing for an empty batch', async () => {
  const round = jest.fn();
  await untilDone('items', [], noPause, round);
  expect(round).not.toHaveBeenCalled();
});

it('gives up after the last pause, and names the table', async () => {
  const round = jest.fn(async (left: number[]) => left);
  await expect(untilDone('items', [1], noPause, round)).rejects.toMatchObject({
    code: 'UNPROCESSED',
    message: expect.stringContaining('items is too busy'),
  });
  expect(round).toHaveBeenCalledTimes(4);
});

it('leaves a failure of DynamoDB to the SDK, which has retried it', async () => {
  const round = jest.fn(() => Promise.reject(new Error('no such table')));
  await expect(untilDone('items', [1], noPause, round)).rejects.toThrow('no such table');
  expect(round).toHaveBeenCalledTimes(1);
});
