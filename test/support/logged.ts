/** What the service logs from now on, beside the file it goes to; a line of JSON each, as deployed. */
export function logged(): { readonly lines: readonly string[]; readonly stop: () => void } {
  const { write } = process.stdout;
  const lines: string[] = [];
  Object.assign(process.stdout, {
    write: (line: string) => {
      lines.push(JSON.stringify(JSON.parse(line)));
      return write(line);
    },
  });
  return { lines, stop: () => void Object.assign(process.stdout, { write }) };
}
