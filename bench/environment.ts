/** The tests' variables of a deployed function, with tables of this run's own; what it logs in this process goes nowhere. */
import '../test/support/environment.ts';

/** The environment of a bundle that runs in a process of its own: it logs as on AWS, to stdout. */
export function functionEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { POWERTOOLS_DEV: _, NODE_OPTIONS: __, ...env } = process.env;
  return { ...env, DYNAMODB_ENDPOINT: env.DYNAMODB_ENDPOINT ?? 'http://127.0.0.1:9', ...more };
}
