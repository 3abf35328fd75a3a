import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { VARIABLES } from '../../lib/platform/config.ts';

export type Resource<P = object> = {
  Type: string;
  Properties: P;
  Condition?: string;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
};
export type Template = {
  Resources: Record<string, Resource>;
  Conditions: Record<string, unknown>;
  Outputs: Record<string, { Value: unknown; Condition?: string }>;
};
export type Packaged = { folder: string; templateFile: string; template: Template };

const SOURCES = ['functions', 'lib', 'local', 'package.json', 'tsconfig.json', 'serverless.yml', 'stack'];

/** Where the framework keeps, from run to run, what it makes of its own schema. */
const SCHEMA_CACHE = resolve('node_modules/.cache/serverless');

/** What a shell or a laptop's .env may hold; nothing of it may be deployed. */
export const STRAY = 'stray-value';
const strayVariables = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, STRAY]));

/** Runs `serverless package` in a copy of the sources, without AWS credentials. */
export const packageService = (stage: string): Promise<Packaged> => packageCopy(copyOfSources(), stage, {});

/** The same with empty functions, in half the time: for the template alone, which does not depend on what is in them. */
export async function packageTemplate(stage: string, params: Readonly<Record<string, string>>): Promise<Packaged> {
  const copy = copyOfSources();
  for (const name of readdirSync(join(copy, 'functions'))) {
    writeFileSync(join(copy, 'functions', name, 'handler.ts'), 'export const handler = () => {};');
  }
  return packageCopy(copy, stage, params);
}

function copyOfSources(): string {
  const copy = mkdtempSync(join(tmpdir(), 'wechat-server-package-'));
  for (const source of SOURCES) cpSync(source, join(copy, source), { recursive: true });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  return copy;
}

async function packageCopy(copy: string, stage: string, params: Readonly<Record<string, string>>): Promise<Packaged> {
  const given = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
  const command = ['node_modules/serverless/bin/serverless.js', 'package', '--stage', stage, ...given];
  await promisify(execFile)(process.execPath, command, {
    cwd: copy,
    env: { PATH: process.env.PATH, HOME: copy, SLS_SCHEMA_CACHE_BASE_DIR: SCHEMA_CACHE, ...strayVariables },
  });
  const folder = join(copy, '.serverless');
  const templateFile = join(folder, 'cloudformation-template-update-stack.json');
  return { folder, templateFile, template: JSON.parse(readFileSync(templateFile, 'utf8')) };
}

/** Removes the copy and all that was made of it. */
export const discard = ({ folder }: Packaged): void => rmSync(dirname(folder), { recursive: true });

/** The files in a function's zip, by their paths. */
export const filesOf = ({ folder }: Packaged, name: string): Record<string, Uint8Array> =>
  unzipSync(readFileSync(join(folder, `${name}.zip`)));

/** The resources of a type, by their logical ids; those under the condition Never are not made. */
export const resourcesOf = <P>({ Resources }: Template, type: string): Record<string, Resource<P>> =>
  Object.fromEntries(
    Object.entries(Resources).filter(([, { Type, Condition }]) => Type === type && Condition !== 'Never'),
  ) as Record<string, Resource<P>>;

export type FunctionProperties = {
  FunctionName: string;
  Timeout: number;
  Runtime: string;
  Architectures: string[];
  Environment: { Variables: Record<string, unknown> };
  Role: { 'Fn::GetAtt': [string, 'Arn'] };
  VpcConfig?: unknown;
  KmsKeyArn?: unknown;
  ReservedConcurrentExecutions?: unknown;
};

/** The functions by their names in serverless.yml, with their logical ids. */
export function functionsOf(template: Template, stage: string): Record<string, FunctionProperties & { id: string }> {
  const found = resourcesOf<FunctionProperties>(template, 'AWS::Lambda::Function');
  const prefix = `wechat-server-${stage}-`;
  return Object.fromEntries(
    Object.entries(found).map(([id, { Properties }]) => [
      Properties.FunctionName.slice(prefix.length),
      { id, ...Properties },
    ]),
  );
}

export type Table = {
  DeletionProtectionEnabled?: boolean;
  PointInTimeRecoverySpecification?: { PointInTimeRecoveryEnabled: boolean };
  GlobalSecondaryIndexes?: { WarmThroughput?: unknown }[];
  WarmThroughput?: unknown;
};

/** The routes of the template, by the function that each leads to. */
export function routesIn({ template }: Packaged): Record<string, string[]> {
  const functions = Object.entries(functionsOf(template, 'dev'));
  const integrations = resourcesOf<{ IntegrationUri: { 'Fn::GetAtt': string[] } }>(
    template,
    'AWS::ApiGatewayV2::Integration',
  );
  const routes = Object.values(
    resourcesOf<{ RouteKey: string; Target: { 'Fn::Join': [string, [string, { Ref: string }]] } }>(
      template,
      'AWS::ApiGatewayV2::Route',
    ),
  );
  const found = functions.map(([name, { id }]) => [
    name,
    routes
      .filter(({ Properties: { Target } }) => {
        const integration = integrations[Target['Fn::Join'][1][1].Ref];
        return integration?.Properties.IntegrationUri['Fn::GetAtt'][0] === id;
      })
      .map(({ Properties }) => Properties.RouteKey)
      .sort(),
  ]);
  return Object.fromEntries(found.filter(([, keys]) => keys?.length));
}

/** The names that resources are given: they must be nobody else's in an account and region. */
export const namesIn = ({ Resources }: Template): string[] =>
  Object.values(Resources).flatMap(({ Properties }) =>
    Object.entries(Properties).flatMap(([property, value]) =>
      /^(Table|Function|Role|LogGroup|Topic|Alarm|Dashboard)?Name$/.test(property) && !isReference(value)
        ? [JSON.stringify(value)]
        : [],
    ),
  );

const isReference = (value: unknown): boolean => 'Ref' in Object(value) || 'Fn::GetAtt' in Object(value);
