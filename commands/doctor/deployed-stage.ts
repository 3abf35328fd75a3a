import {
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { documentClient } from '../../lib/aws/dynamodb.ts';
import { lambda } from '../../lib/aws/invoke.ts';
import type { Env } from '../command.ts';
import { logGroupOf, resourceOf } from '../stage.ts';
import { addressOfFunction } from './our-address.ts';
import { refusalIn } from './refusal.ts';
import { type Setup, StageUnreadable } from './setup.ts';
import { tablesOf } from './tables.ts';

/** The functions that together have all variables the checks need. */
const SOURCES = ['webhook', 'access-token', 'operators'] as const;
const INVOCATION_MS = 11_000;

type StageOptions = {
  stage: string;
  url: string | undefined;
  region: string;
  fetch: typeof fetch;
  now: () => number;
  client?: Pick<LambdaClient, 'send'>;
};

/**
 * Reads a deployed stage with the caller's AWS credentials: its functions' variables (with secrets as resolved by
 * CloudFormation) and the callback's address from the permission that lets API Gateway invoke the webhook.
 * @throws StageUnreadable if it does not exist or access is denied
 */
export async function deployedStage({ stage, url, region, fetch, now, client }: StageOptions): Promise<Setup> {
  const aws = client ?? new LambdaClient({ region });
  const webhook = resourceOf(stage, 'webhook');
  const functions = await Promise.all(
    SOURCES.map((name) => configurationOf(aws, resourceOf(stage, name), { stage, region })),
  );
  const env: Env = Object.assign({}, ...functions.map(({ Environment }) => Environment?.Variables ?? {}));
  const accessToken = functions[SOURCES.indexOf('access-token')];
  return {
    stage,
    url: url ?? (await callbackOf(aws, webhook, region)),
    env,
    refusalOf: (requestId) => refusalIn(logGroupOf(webhook), requestId, { region, now }),
    ourAddress: async () => addressOfFunction(env, accessToken?.VpcConfig),
    invoke: lambda({ LAMBDA_ENDPOINT: undefined }, INVOCATION_MS),
    accessTokenFunction: resourceOf(stage, 'access-token'),
    db: documentClient({ DYNAMODB_ENDPOINT: undefined }),
    tables: tablesOf((table) => resourceOf(stage, table)),
    fetch,
    now,
  };
}

type Place = { stage: string; region: string };

async function configurationOf(aws: Pick<LambdaClient, 'send'>, name: string, place: Place) {
  const configuration = await readConfiguration(aws, name, place);
  if (configuration.Environment?.Error) {
    throw new StageUnreadable(
      `AWS does not show you the variables of ${name} (${configuration.Environment.Error.ErrorCode})`,
      'you need kms:Decrypt on EnvironmentKey, the key of the stack',
    );
  }
  return configuration;
}

async function readConfiguration(aws: Pick<LambdaClient, 'send'>, name: string, place: Place) {
  try {
    return (await aws.send(new GetFunctionConfigurationCommand({ FunctionName: name }))) as FunctionConfiguration;
  } catch (error) {
    throw unreadable(error, name, place);
  }
}

function unreadable(error: unknown, name: string, { stage, region }: Place): StageUnreadable {
  const code = (error as Error).name;
  if (code === 'ResourceNotFoundException') {
    return new StageUnreadable(
      `there is no function ${name} in ${region}`,
      `npx serverless deploy --stage ${stage}, or --region`,
    );
  }
  if (code.startsWith('AccessDenied')) {
    return new StageUnreadable(`your AWS credentials may not read ${name}`, 'you need lambda:GetFunctionConfiguration');
  }
  return new StageUnreadable(
    `AWS did not return ${name} (${code})`,
    'check your AWS credentials: AWS_PROFILE, aws sso login',
  );
}

/** The callback's address; undefined if the policy cannot be read or names not exactly one API: then use `--url`. */
async function callbackOf(aws: Pick<LambdaClient, 'send'>, name: string, region: string): Promise<string | undefined> {
  try {
    const { Policy = '' } = await aws.send(new GetPolicyCommand({ FunctionName: name }));
    return callbackIn(Policy, region);
  } catch {
    return undefined;
  }
}

/** The address of the one HTTP API that a function's policy lets in: `arn:aws:execute-api:region:account:api/…`. */
export function callbackIn(policy: string, region: string): string | undefined {
  const found = [...policy.matchAll(/arn:(aws[\w-]*):execute-api:[\w-]+:\d+:([a-z0-9]+)\//g)];
  const [partition, api] = [found[0]?.[1], found[0]?.[2]];
  if (api === undefined || found.some(([, , other]) => other !== api)) return undefined;
  return `https://${api}.execute-api.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}/webhook`;
}
