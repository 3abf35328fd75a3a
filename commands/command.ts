import { existsSync, realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { documentClient } from '../lib/aws/dynamodb.ts';
import { localDatabase } from '../local/settings.ts';

export type Env = Record<string, string | undefined>;

/** The default region, as in serverless.yml. */
const REGION = 'ap-southeast-1';

/** A wrong combination of arguments. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The environment variables and the output of a command. */
export type Terminal = {
  readonly env: Env;
  readonly print: (line: string) => void;
  /** Prints messages for people, if `print` is for data; `print` by default. */
  readonly report?: (line: string) => void;
};

/** The options of every command that concerns a stage. */
export const STAGE_OPTIONS = { stage: { type: 'string' }, region: { type: 'string' } } as const;

/** The value of a required option. @throws UsageError if it is missing */
export function required<T>(value: T | undefined, option: string): T {
  if (value === undefined) throw new UsageError(`${option} is missing`);
  return value;
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Usage<O extends Options> = { readonly usage: string; readonly options: O; readonly hasWords?: boolean };
type Arguments<O extends Options> = {
  readonly values: ReturnType<typeof parseArgs<{ options: O }>>['values'];
  /** The positional arguments. */
  readonly words: readonly string[];
};

/**
 * Makes a command: a function of its arguments and terminal that returns the exit code, 2 with the usage for wrong
 * arguments, 0 for `--help`.
 */
export const command =
  <const O extends Options, T extends Terminal>(
    { usage, options, hasWords: allowPositionals = false }: Usage<O>,
    run: (args: Arguments<O>, terminal: T) => Promise<number>,
  ) =>
  async (args: readonly string[], terminal: T): Promise<number> => {
    const { report = terminal.print } = terminal;
    if (args.includes('--help')) {
      report(usage);
      return 0;
    }
    try {
      const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals });
      return await run({ values, words: positionals }, terminal);
    } catch (error) {
      if (!isUsageError(error)) throw error;
      report(`${error.message}\n\n${usage}`);
      return 2;
    }
  };

const isUsageError = (error: unknown): error is Error =>
  error instanceof UsageError || String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');

/**
 * Runs a command if the module of this URL was started, not imported. `run` returns the exit code; of an error only the
 * message is printed.
 */
export function runIfStarted(url: string, run: (args: readonly string[]) => Promise<number>): void {
  const [, started = '', ...args] = process.argv;
  if (!existsSync(started) || url !== pathToFileURL(realpathSync(started)).href) return;
  if (existsSync('.env')) process.loadEnvFile('.env');
  run(args)
    .then((code) => {
      process.exitCode = code;
    })
    .catch((error: Error) => {
      console.error(error.message);
      process.exitCode = 1;
    });
}

/** Sets the SDK's region: the option, else AWS_REGION, else the service's default. */
export function useRegion(env: Env, option: string | undefined): string {
  env.AWS_REGION = option ?? env.AWS_REGION ?? REGION;
  return env.AWS_REGION;
}

/** The database of a stage. Only a local stage reads DYNAMODB_ENDPOINT, so that a line in `.env` cannot hide a deployed one. */
export function databaseOf(stage: string, region: string | undefined, env: Env): DynamoDBDocumentClient {
  if (stage === 'local') return documentClient({ DYNAMODB_ENDPOINT: localDatabase(env) });
  useRegion(env, region);
  return documentClient({ DYNAMODB_ENDPOINT: undefined });
}
