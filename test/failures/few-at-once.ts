const AT_ONCE = 12;

let free = AT_ONCE;
const queue: (() => void)[] = [];

/** Does some work, few at once of all there is: what fails for want of time must not do so because the machine is busy. */
export const fewAtOnce = <T>(works: readonly (() => Promise<T>)[]): Promise<T[]> => Promise.all(works.map(inTurn));

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (free === 0) await new Promise<void>((go) => queue.push(go));
  else free -= 1;
  try {
    return await work();
  } finally {
    const next = queue.shift();
    if (next === undefined) free += 1;
    else next();
  }
}
