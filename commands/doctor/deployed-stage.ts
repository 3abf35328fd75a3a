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
import { type Setup, Unreadable } from './setup.ts';
import { tablesOf } from './tables.ts';

/** The functions that together are told everything the checks need. */
const TOLD = ['webhook', 'access-token', 'operators'] as const;
const INVOCATION_MS = 11_000;

type Asked = {
  stage: string;
  url: string | undefined;
  region: string;
  fetch: typeof fetch;
  now: () => number;
  client?: Pick<LambdaClient, 'send'>;
};

/**
 * A deployed stage, asked with one's own credentials: its functions' variables (secrets stand there as CloudFormation
 * resolved them) and, from the permission that lets API Gateway call the webhook, the callback's address.
 * Throws Unreadable if it is not there or may not be asked.
 */
export async function deployedStage({ stage, url, region, fetch, now, client }: Asked): Promise<Setup> {
  const aws = client ?? new LambdaClient({ region });
  const webhook = resourceOf(stage, 'webhook');
  const functions = await Promise.all(
    TOLD.map((name) => configurationOf(aws, resourceOf(stage, name), { stage, region })),
  );
  const env: Env = Object.assign({}, ...functions.map(({ Environment }) => Environment?.Variables ?? {}));
  const accessToken = functions[TOLD.indexOf('access-token')];
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
    throw new Unreadable(
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

function unreadable(error: unknown, name: string, { stage, region }: Place): Unreadable {
  const code = (error as Error).name;
  if (code === 'ResourceNotFoundException') {
    return new Unreadable(
      `there is no function ${name} in ${region}`,
      `npx serverless deploy --stage ${stage}, or --region`,
    );
  }
  if (code.startsWith('AccessDenied')) {
    return new Unreadable(`your AWS credentials may not read ${name}`, 'you need lambda:GetFunctionConfiguration');
  }
  return new Unreadable(
    `AWS did not tell of ${name} (${code})`,
    'see your AWS credentials: AWS_PROFILE, aws sso login',
  );
}

/** Undefined when the policy may not be read, or names no API or several; then `--url` says it. */
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
