import { AppError } from './error.ts';

type Facts = Readonly<Record<string, unknown>>;

/**
 * Writes JSON lines for CloudWatch, one per call. Codes, ids and counts only: no token, secret, signature, query string or
 * message text. No library: a logger took a quarter of a delivery's time and of the webhook's load.
 */
export const log = {
  info: (message: string, facts?: Facts) => write('INFO', message, facts),
  warn: (message: string, facts?: Facts) => write('WARN', message, facts),
  error: (message: string, facts?: Facts) => write('ERROR', message, facts),
};

/** Bypasses Lambda's console, which would prefix the JSON. */
function write(level: string, message: string, facts: Facts = {}): void {
  const line: Record<string, unknown> = {
    level,
    message,
    timestamp: new Date().toISOString(),
    service: 'wechat-server',
  };
  for (const [name, value] of Object.entries(facts)) line[name] = value instanceof Error ? errorToJson(value) : value;
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The most nested causes of an error that are logged. */
const MOST_CAUSES = 3;

function errorToJson(error: Error, causes = MOST_CAUSES): Facts {
  const { name, message, stack, cause } = error;
  const deeper = cause instanceof Error && causes > 0;
  return { name, ...knownOf(error), message, stack, ...(deeper && { cause: errorToJson(cause, causes - 1) }) };
}

const knownOf = (error: Error): Facts => (error instanceof AppError ? { code: error.code, hint: error.hint } : {});
