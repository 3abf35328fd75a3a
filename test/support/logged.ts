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

/** The lines of one level that are logged from now until they are asked for. */
export function linesLogged(level: 'INFO' | 'WARN' | 'ERROR'): () => readonly Record<string, unknown>[] {
  const { lines, stop } = logged();
  return () => {
    stop();
    return lines.map((line) => JSON.parse(line)).filter((line) => line.level === level);
  };
}
