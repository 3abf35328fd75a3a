/** What became of one fault at one place. */
export type Outcome = {
  readonly fault: string;
  readonly where: string;
  readonly kept: string;
  readonly sees: string;
};

/** Some faults at places that belong together, and what was seen of each; it has checked that nothing was lost or doubled. */
export type Scenario = { readonly title: string; readonly run: () => Promise<readonly Outcome[]> };

/** The page `docs/failures.md`: faults that end alike share a line. */
export function tableOf(titled: readonly { readonly title: string; readonly outcomes: readonly Outcome[] }[]): string {
  const sections = titled.map(({ title, outcomes }) =>
    [`## ${title}`, '', '| What fails | How | What is stored | What the caller gets |', '| --- | --- | --- | --- |']
      .concat(together(outcomes).map(({ where, fault, kept, sees }) => `| ${where} | ${fault} | ${kept} | ${sees} |`))
      .join('\n'),
  );
  return `${HEADING}\n\n${sections.join('\n\n')}\n`;
}

const HEADING = `# Every fault and its outcome

[中文](zh/failures.md)

Written by \`UPDATE_OUTCOMES=1 npx jest test/failures\`; the same tests, run without it, compare. DynamoDB fails in five ways: it
throttles, returns an error 500, does not respond, or the connection is cut before or after the work is done. Unless
stated otherwise it fails until the service gives up.`;

function together(outcomes: readonly Outcome[]): Outcome[] {
  const lines = new Map<string, Outcome>();
  for (const outcome of outcomes) {
    const { where, kept, sees, fault } = outcome;
    const key = JSON.stringify([where, kept, sees]);
    const before = lines.get(key);
    lines.set(key, before ? { ...before, fault: `${before.fault}, ${fault}` } : outcome);
  }
  return onePoll([...lines.values()]);
}

/** How often a poll reads depends on how fast the machine is: equal steps in a row are one, and the others' numbers follow. */
function onePoll(lines: readonly Outcome[]): Outcome[] {
  const steps: Outcome[] = [];
  for (const line of lines) {
    const before = steps.at(-1);
    if (before === undefined || !isRepeated(before, line)) steps.push(line);
  }
  const numbers = [...new Set(steps.map(({ where }) => where.match(NUMBER)?.[0]))];
  return steps.map((line) => ({
    ...line,
    where: line.where.replace(NUMBER, (number) => `${numbers.indexOf(number) + 1}. `),
  }));
}

const NUMBER = /^\d+\. /;

const isRepeated = (before: Outcome, line: Outcome): boolean =>
  NUMBER.test(line.where) &&
  [before, line]
    .map(({ where, ...outcome }) => JSON.stringify([where.replace(NUMBER, ''), outcome]))
    .every((each, _, [first]) => each === first);
