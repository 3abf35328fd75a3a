/** The tests' variables of a deployed function, with tables of this run's own; what it logs in this process goes nowhere. */
import '../test/support/environment.ts';

const { stdout } = process;
const write = stdout.write.bind(stdout) as (line: unknown, ...more: unknown[]) => boolean;
const isLogged = (line: unknown) => typeof line === 'string' && line.startsWith('{"level":');
Object.assign(stdout, { write: (...line: [unknown]) => isLogged(line[0]) || write(...line) });

/** The environment of a bundle that runs in a process of its own: it logs as on AWS, to stdout. */
export function functionEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return { ...env, DYNAMODB_ENDPOINT: env.DYNAMODB_ENDPOINT ?? 'http://127.0.0.1:9', ...more };
}
