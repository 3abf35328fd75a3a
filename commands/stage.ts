import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { documentClient } from '../lib/aws/dynamodb.ts';
import { type Config, readConfig } from '../lib/platform/config.ts';
import { localDatabase, localPseudonymKey } from '../local/settings.ts';
import { variableOf } from '../local/tables.ts';
import { type Env, useRegion } from './command.ts';

const SETTINGS = [
  'INTERACTION_SHARDS',
  'INTERACTION_RETENTION_DAYS',
  'RECOVERY_KEY',
  'PREVIOUS_RECOVERY_KEY',
  'PSEUDONYM_KEY',
  'PREVIOUS_PSEUDONYM_KEY',
] as const;

/** A stage for the owner's commands: all its tables, and its functions' settings. */
export type Stage = {
  readonly db: DynamoDBDocumentClient;
  readonly tableNamed: (table: string) => string;
  readonly settings: Config<(typeof SETTINGS)[number]>;
};

/** The name of a stage's function or table. */
export const resourceOf = (stage: string, name: string): string => `wechat-server-${stage}-${name}`;

export const logGroupOf = (functionName: string): string => `/aws/lambda/${functionName}`;

/** `local` is the database of a running `npm start`; any other stage is read from AWS, in `region`. */
export function stageNamed(stage: string, region: string | undefined, env: Env): Promise<Stage> {
  if (stage === 'local') return Promise.resolve(localStage(env));
  useRegion(env, region);
  return deployedStage(stage, env);
}

/** The settings of deployed functions. No function has PREVIOUS_RECOVERY_KEY, which comes from the environment. */
async function deployedStage(stage: string, { PREVIOUS_RECOVERY_KEY }: Env): Promise<Stage> {
  const { LambdaClient, GetFunctionConfigurationCommand } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient({});
  const variables = async (name: string): Promise<Env> => {
    const query = new GetFunctionConfigurationCommand({ FunctionName: resourceOf(stage, name) });
    const { Environment: { Variables = {}, Error: refused } = {} } = await client.send(query);
    if (refused) throw new Error(`AWS does not show the variables of ${name}: you need kms:Decrypt on EnvironmentKey.`);
    return Variables;
  };
  const env = { ...(await variables('webhook')), ...(await variables('rollup')), PREVIOUS_RECOVERY_KEY };
  return stageOf(stage, env, documentClient({ DYNAMODB_ENDPOINT: undefined }));
}

/** The local stage. DYNAMODB_ENDPOINT is read only here, so that it cannot hide a deployed stage. */
export const localStage = (env: Env): Stage =>
  stageOf(
    'local',
    { ...env, PSEUDONYM_KEY: localPseudonymKey(env) },
    documentClient({ DYNAMODB_ENDPOINT: localDatabase(env) }),
  );

function stageOf(stage: string, env: Env, db: DynamoDBDocumentClient): Stage {
  const tableNamed = (table: string): string => env[variableOf(table)] || resourceOf(stage, table);
  return { db, tableNamed, settings: readConfig(SETTINGS, env) };
}
