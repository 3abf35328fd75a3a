import { existsSync, realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { documentClient } from '../lib/aws/dynamodb.ts';
import { localDatabase } from '../local/settings.ts';

export type Env = Record<string, string | undefined>;

/** As in serverless.yml. */
const REGION = 'ap-southeast-1';

/** Arguments that make no sense together. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What surrounds a command: the environment variables, and where its lines go. */
export type Terminal = {
  readonly env: Env;
  readonly print: (line: string) => void;
  /** For people, where `print` is for another program; `print` if absent. */
  readonly tell?: (line: string) => void;
};

/** The options of every command that concerns a stage. */
export const STAGE_OPTIONS = { stage: { type: 'string' }, region: { type: 'string' } } as const;

/** @throws UsageError */
export function required<T>(value: T | undefined, option: string): T {
  if (value === undefined) throw new UsageError(`${option} is missing`);
  return value;
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Usage<O extends Options> = { readonly usage: string; readonly options: O; readonly hasWords?: boolean };
type Given<O extends Options> = {
  readonly values: ReturnType<typeof parseArgs<{ options: O }>>['values'];
  /** What is given without the name of an option. */
  readonly words: readonly string[];
};

/**
 * A command of the command line, as a function of its arguments and what surrounds it. Its result is the exit code: 2,
 * with the usage, if the arguments make no sense; 0 for `--help`.
 */
export const command =
  <const O extends Options, T extends Terminal>(
    { usage, options, hasWords: allowPositionals = false }: Usage<O>,
    run: (given: Given<O>, terminal: T) => Promise<number>,
  ) =>
  async (args: readonly string[], terminal: T): Promise<number> => {
    const { tell = terminal.print } = terminal;
    if (args.includes('--help')) {
      tell(usage);
      return 0;
    }
    try {
      const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals });
      return await run({ values, words: positionals }, terminal);
    } catch (error) {
      if (!isMisuse(error)) throw error;
      tell(`${error.message}\n\n${usage}`);
      return 2;
    }
  };

const isMisuse = (error: unknown): error is Error =>
  error instanceof UsageError || String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');

/**
 * Runs a command if the module of this URL is what was started, and was not just imported. Its answer is the exit code;
 * of an error only the message is shown.
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

/** From here on the SDK asks this region: the one that was said, else AWS_REGION, else the service's own. */
export function useRegion(env: Env, said: string | undefined): string {
  env.AWS_REGION = said ?? env.AWS_REGION ?? REGION;
  return env.AWS_REGION;
}

/** Only a local stage reads DYNAMODB_ENDPOINT, so that a line left in `.env` cannot hide a deployed one. */
export function databaseOf(stage: string, region: string | undefined, env: Env): DynamoDBDocumentClient {
  if (stage === 'local') return documentClient({ DYNAMODB_ENDPOINT: localDatabase(env) });
  useRegion(env, region);
  return documentClient({ DYNAMODB_ENDPOINT: undefined });
}
