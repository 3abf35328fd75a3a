/** Does all the work, a few at once: what fails for want of time must not do so because the machine is busy. */
export async function fewAtOnce<T>(works: readonly (() => Promise<T>)[], atOnce = 5): Promise<T[]> {
  const results = new Array<T>(works.length);
  const queue = works.entries();
  const worker = async () => {
    for (const [at, work] of queue) results[at] = await work();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
