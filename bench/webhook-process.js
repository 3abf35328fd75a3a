/**
 * Calls a bundle as often as it is told, in a process of its own: what is measured is what is deployed, with its log
 * going to stdout. Takes one job by IPC and answers with the milliseconds of each call, and of all.
 */
import { pathToFileURL } from 'node:url';

const WARMING_SHARE = 0.2;

process.once('message', async (job) => {
  const bundle = await import(pathToFileURL(job.file).href);
  const call = callOf(bundle, job);
  const warming = Math.floor(job.inputs.length * WARMING_SHARE);
  await callAll(call, job.inputs.slice(0, warming), job.atOnce);
  const start = performance.now();
  const times = await callAll(call, job.inputs.slice(warming), job.atOnce);
  process.send({ times, all: performance.now() - start }, () => process.disconnect());
});

/** Without a write it is made anew around a recorder that resolves at once. */
function callOf({ handler, webhook }, { withoutWrite }) {
  if (withoutWrite === undefined) return handler;
  const { account, reply } = withoutWrite;
  const keep = async (_delivery, taken) => ({ ...taken, isRepeated: false });
  return webhook({
    account: { ...account, keys: account.keys.map((key) => Buffer.from(key, 'base64')) },
    record: { message: keep },
    decide: async () => ({ reply }),
    now: Date.now,
    sleep: async () => undefined,
  });
}

async function callAll(call, inputs, atOnce) {
  const times = [];
  const waiting = inputs.values();
  const one = async () => {
    for (const input of waiting) {
      const start = performance.now();
      const { statusCode = 200 } = await call(input);
      times.push(performance.now() - start);
      if (statusCode !== 200) throw new Error(`a call was answered with ${statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return times;
}
