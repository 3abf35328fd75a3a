import { readConfig } from '../../lib/config.ts';
import { documentClient } from '../../lib/tables/client.ts';
import { placementOf } from '../../lib/tables/interactions/item.ts';
import { type Recorder, recorder } from '../../lib/tables/interactions/record.ts';
import type { Env } from '../command.ts';
import { localDatabase } from '../settings.ts';

/** Where a stage's webhook records, and the key under which it seals. */
export type Stage = { readonly record: Recorder; readonly key: string };

const NEEDED = ['INTERACTIONS_TABLE', 'INTERACTION_SHARDS', 'INTERACTION_RETENTION_DAYS', 'RECOVERY_KEY'] as const;

export const webhookOf = (stage: string): string => `wechat-server-${stage}-webhook`;

/** As the deployed webhook has it: its variables are asked of AWS. */
export async function deployedStage(stage: string): Promise<Stage> {
  const { LambdaClient, GetFunctionConfigurationCommand } = await import('@aws-sdk/client-lambda');
  const question = new GetFunctionConfigurationCommand({ FunctionName: webhookOf(stage) });
  const { Environment } = await new LambdaClient({}).send(question);
  return stageOf(Environment?.Variables ?? {}, undefined);
}

/** Only here DYNAMODB_ENDPOINT is read: it cannot hide a deployed stage. */
export const localStage = (env: Env): Stage =>
  stageOf({ INTERACTIONS_TABLE: 'wechat-server-local-interactions', ...env }, localDatabase(env));

function stageOf(env: Env, DYNAMODB_ENDPOINT: string | undefined): Stage {
  const config = readConfig(NEEDED, env);
  if (config.RECOVERY_KEY === undefined)
    throw new Error('The stage has no RECOVERY_KEY: nothing was sealed in its log.');
  const db = documentClient({ DYNAMODB_ENDPOINT });
  return { record: recorder(db, config.INTERACTIONS_TABLE, placementOf(config)), key: config.RECOVERY_KEY };
}
