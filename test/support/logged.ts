/** What the service logs from now on, beside the file it goes to; a line of JSON each, as deployed. */
export function logged(): { readonly lines: readonly string[]; readonly stop: () => void } {
  const { error, warn } = console;
  const lines: string[] = [];
  const keeping = (write: typeof console.error) => (line: string) => {
    lines.push(JSON.stringify(JSON.parse(line)));
    write(line);
  };
  Object.assign(console, { error: keeping(error), warn: keeping(warn) });
  return { lines, stop: () => void Object.assign(console, { error, warn }) };
}
