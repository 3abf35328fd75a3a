/** What became of one fault at one place. */
export type Outcome = {
  readonly fault: string;
  readonly where: string;
  readonly kept: string;
  readonly sees: string;
};

/** Some faults at places that belong together, and what was seen of each; it has checked that nothing was lost or doubled. */
export type Scenario = { readonly title: string; readonly run: () => Promise<readonly Outcome[]> };

/** The outcomes as the README shows them: faults that end alike share a line. */
export function tableOf(titled: readonly { readonly title: string; readonly outcomes: readonly Outcome[] }[]): string {
  const sections = titled.map(({ title, outcomes }) =>
    [`### ${title}`, '', '| what fails | how | what is kept | what the caller sees |', '| --- | --- | --- | --- |']
      .concat(together(outcomes).map(({ where, fault, kept, sees }) => `| ${where} | ${fault} | ${kept} | ${sees} |`))
      .join('\n'),
  );
  return `${HEADING}\n\n${sections.join('\n\n')}\n`;
}

const HEADING = `# What becomes of every fault

Made by \`UPDATE_OUTCOMES=1 npx jest test/failures\`; the same tests, run without it, compare. DynamoDB fails by throttling,
by an error 500, by giving no answer, and by a connection that is cut before or after it has done what was asked. Where
nothing else is said it does so until the service gives up.`;

function together(outcomes: readonly Outcome[]): Outcome[] {
  const lines = new Map<string, Outcome>();
  for (const outcome of outcomes) {
    const { where, kept, sees, fault } = outcome;
    const key = JSON.stringify([where, kept, sees]);
    const before = lines.get(key);
    lines.set(key, before ? { ...before, fault: `${before.fault}, ${fault}` } : outcome);
  }
  return [...lines.values()];
}
