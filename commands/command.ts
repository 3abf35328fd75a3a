import { existsSync, realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { documentClient } from '../lib/aws/dynamodb.ts';
import { localDatabase } from '../local/settings.ts';

export type Env = Record<string, string | undefined>;

/** As in serverless.yml. */
const REGION = 'ap-southeast-1';

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
