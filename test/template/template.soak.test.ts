import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { BASE_PATH } from '../../lib/http/endpoint.ts';
import { RIGHTS } from '../access.ts';
import { chosen, holds } from './conditions.ts';
import { type Loaded, load } from './loaded.ts';
import {
  discard,
  filesOf,
  functionsOf,
  namesIn,
  type Packaged,
  packageService,
  packageTemplate,
  resourcesOf,
  routesIn,
  STRAY,
  type Table,
} from './packaged.ts';
import { problemsIn, readyValidator } from './problems.ts';
import { grantedBy, grantedIn } from './rights.ts';
import { widenings } from './widened.ts';
import { describeEveryOption, EVERY_OPTION } from './with-every-option.ts';

/** The stack as it comes, and in production with every option. */
let dev: Packaged;
let prod: Packaged;
let loaded: Record<string, Loaded>;

beforeAll(async () => {
  const packaging = Promise.all([packageService('dev'), packageTemplate('prod', EVERY_OPTION)]);
  readyValidator();
  [dev, prod] = await packaging;
  const loading = Object.entries(functionsOf(dev.template, 'dev')).map(async ([name, { Environment }]) => {
    return [name, await load(filesOf(dev, name), Environment.Variables)] as const;
  });
  loaded = Object.fromEntries(await Promise.all(loading));
});
afterAll(() => [dev, prod].map(discard));

describeEveryOption(() => prod);

describe('the bundles', () => {
  it("puts a function's own bundle into its zip, alone: the handler, and the files it imports at once or later", () => {
    for (const name of Object.keys(functionsOf(dev.template, 'dev'))) {
      const files = filesOf(dev, name);
      const own = new RegExp(`^functions/${name}/[\\w-]+\\.mjs$`);
      expect(Object.keys(files).filter((path) => !own.test(path))).toEqual([]);
      expect(imported(files, `functions/${name}/handler.mjs`).filter((path) => files[path] === undefined)).toEqual([]);
    }
  });

  it('gives every function the variables that it reads when it loads, and no other', () => {
    const given = Object.entries(functionsOf(dev.template, 'dev')).map(([name, { Environment }]) => [
      name,
      Object.keys(Environment.Variables)
        .filter((variable) => !(OTHERS[name] ?? []).includes(variable))
        .sort(),
    ]);
    const read = Object.entries(loaded).map(([name, { read }]) => [
      name,
      read.filter((variable) => !ON_A_LAPTOP.includes(variable)),
    ]);
    expect(Object.fromEntries(given)).toEqual(Object.fromEntries(read));
  });

  it("takes nothing from the shell or the .env of whoever deploys, least of all a laptop's database", () => {
    const text = JSON.stringify(dev.template);
    for (const stray of [STRAY, ...ON_A_LAPTOP]) expect(text).not.toContain(stray);
  });
});

/** A file, and all files beside it that it imports, statically or lazily, and they in turn. */
function imported(files: Record<string, Uint8Array>, path: string, found = new Set<string>()): string[] {
  if (!found.has(path)) {
    found.add(path);
    const source = Buffer.from(files[path] ?? []).toString();
    for (const [, chunk = ''] of source.matchAll(/["']\.\/([\w-]+\.mjs)["']/g)) {
      imported(files, join(dirname(path), chunk), found);
    }
  }
  return [...found];
}

/** Where the embedded DynamoDB and the emulated Lambda are: known to functions on a laptop alone. */
const ON_A_LAPTOP = ['DYNAMODB_ENDPOINT', 'LAMBDA_ENDPOINT'];

/** Read by Node itself, or by the owner's commands, which ask AWS for a function's variables. */
const OTHERS: Record<string, string[]> = {
  'access-token': ['HTTPS_PROXY', 'NODE_USE_ENV_PROXY'],
  rollup: ['PREVIOUS_PSEUDONYM_KEY'],
};

it("limits nobody's concurrency and makes no key unless told", () => {
  for (const { KmsKeyArn, ReservedConcurrentExecutions } of Object.values(functionsOf(dev.template, 'dev'))) {
    const none = [undefined, { Ref: 'AWS::NoValue' }];
    expect(none).toContainEqual(chosen(dev.template, KmsKeyArn));
    expect(none).toContainEqual(chosen(dev.template, ReservedConcurrentExecutions));
  }
  expect(holds(dev.template, 'HasEnvironmentKey')).toBe(false);
});

describe('the routes', () => {
  const WEBHOOK = ['GET /webhook', 'POST /webhook'];

  it('routes to each function what its handler knows', () => {
    expect(routesIn(dev)).toEqual({
      webhook: WEBHOOK,
      ...Object.fromEntries(
        Object.entries(loaded)
          .map(([name, { routes = [] }]) => [name, routes.map(({ key }) => key.replace(' ', ` ${BASE_PATH}`)).sort()])
          .filter(([, keys]) => keys?.length),
      ),
    });
  });

  it('lets nobody in unasked but to the webhook, to sign in and to register', () => {
    const open = Object.values(loaded).flatMap(({ routes = [] }) =>
      routes.flatMap(({ key, access }) => (access === 'public' ? [key] : [])),
    );
    expect(open.sort()).toEqual(['POST /login', 'POST /operators/register']);
    const withoutGuard = Object.keys(routesIn(dev)).filter((name) => !loaded[name]?.routes);
    expect(withoutGuard).toEqual(['webhook']);
  });

  it('throttles every route but the deliveries, and waits for their route before it says so', () => {
    const { HttpApiStage: stage } = resourcesOf<{ DefaultRouteSettings: object; RouteSettings: object }>(
      dev.template,
      'AWS::ApiGatewayV2::Stage',
    );
    expect(stage?.Properties.DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 });
    expect(stage?.Properties.RouteSettings).toEqual({
      'POST /webhook': { ThrottlingRateLimit: 10_000, ThrottlingBurstLimit: 5_000 },
    });
    expect(stage?.DependsOn).toContain('HttpApiRoutePostWebhook');
  });

  it('logs no query string, path or body of a request', () => {
    const { HttpApiStage: stage } = resourcesOf<{ AccessLogSettings: { Format: string } }>(
      dev.template,
      'AWS::ApiGatewayV2::Stage',
    );
    const logged: string[] = Object.values(JSON.parse(stage?.Properties.AccessLogSettings.Format ?? ''));
    expect(logged.sort()).toEqual([
      '$context.identity.sourceIp',
      '$context.integrationErrorMessage',
      '$context.integrationLatency',
      '$context.requestId',
      '$context.requestTime',
      '$context.responseLatency',
      '$context.responseLength',
      '$context.routeKey',
      '$context.status',
    ]);
  });
});

describe('what a function may do', () => {
  it('is exactly what the table says', () => {
    expect(grantedIn(dev.template, 'dev')).toEqual(grantedBy('dev'));
  });

  it('never includes changing, deleting or scanning interactions', () => {
    const onInteractions = Object.values(grantedIn(dev.template, 'dev')).flatMap((rights) =>
      Object.entries(rights).flatMap(([on, actions]) => (/interactions/i.test(on) ? actions.split(' ') : [])),
    );
    const onTheLog = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
    expect([...new Set(onInteractions)].sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      ...onTheLog,
    ]);
    expect(RIGHTS.webhook?.InteractionsTable).toBe('dynamodb:GetItem dynamodb:PutItem');
  });

  it('is found to be too much whichever statement or role is widened', () => {
    const granted = grantedBy('dev');
    const all = [...widenings(dev.template)];
    const unnoticed = all.filter(({ wider }) => isDeepStrictEqual(grantedIn(wider, 'dev'), granted));
    expect(unnoticed.map(({ what }) => what)).toEqual([]);
    expect(all.length).toBeGreaterThan(300);
  });

  it('can be made use of by API Gateway and the schedules alone', () => {
    type Permission = { Principal: string; Action: string; SourceArn?: object };
    const permissions = Object.values(resourcesOf<Permission>(dev.template, 'AWS::Lambda::Permission'));
    const callers = permissions.map(({ Properties: { Principal, Action } }) => `${Principal} ${Action}`);
    expect([...new Set(callers)].sort()).toEqual([
      'apigateway.amazonaws.com lambda:InvokeFunction',
      'events.amazonaws.com lambda:InvokeFunction',
    ]);
    expect(permissions.filter(({ Properties }) => !Properties.SourceArn)).toEqual([]);
  });
});

describe('the template', () => {
  it.each([
    ['as it comes', () => dev.templateFile],
    ['of the first deployment', () => join(dev.folder, 'cloudformation-template-create-stack.json')],
    ['of the fixed address', () => 'stack/fixed-address.yml'],
  ])('is what CloudFormation takes, by its published schemas: %s', (_, file) => {
    expect(problemsIn(file())).toEqual([]);
  });

  it('would not be taken with a slip of any kind', () => {
    const template = structuredClone(dev.template);
    const { AuditTable, NoTokenAlarm, Dashboard } = template.Resources;
    Object.assign(AuditTable?.Properties ?? {}, { TabelName: 'x', BillingMode: 'FREE' });
    Object.assign(NoTokenAlarm?.Properties ?? {}, { AlarmActions: [{ Ref: 'Nobody' }] });
    delete template.Resources.CredentialsTable;
    Object.assign(Dashboard?.Properties ?? {}, { DashboardBody: { 'Fn::Sub': `$\{Noone}` } });
    template.Outputs.Size = { Value: { 'Fn::GetAtt': ['AuditTable', 'Size'] } };
    const file = join(dev.folder, 'spoilt.json');
    writeFileSync(file, JSON.stringify(template));
    const found = problemsIn(file).join('\n');
    for (const slip of ['TabelName', 'FREE', 'Nobody', 'CredentialsTable', 'Noone', 'Size'])
      expect(found).toContain(slip);
  });

  it('lets every log expire', () => {
    const logs = Object.values(resourcesOf<{ RetentionInDays: number }>(dev.template, 'AWS::Logs::LogGroup'));
    expect(logs.map(({ Properties }) => Properties.RetentionInDays)).toEqual(logs.map(() => 90));
    expect(logs).toHaveLength(Object.keys(RIGHTS).length + 1);
  });

  it('ends each function when its caller has gone, on the runtime that the design names', () => {
    const functions = Object.entries(functionsOf(dev.template, 'dev'));
    const timeouts = functions
      .filter(([, { Timeout }]) => Timeout !== 29)
      .map(([name, { Timeout }]) => [name, Timeout]);
    expect(Object.fromEntries(timeouts)).toEqual({ webhook: 7, 'access-token': 10, 'slow-replies': 60, rollup: 600 });
    for (const [, made] of functions) expect(made).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  });

  it('names everything after its stage, so that several live in one AWS account', () => {
    const names = namesIn(dev.template);
    expect(names.filter((name) => !/[-"]dev\b/.test(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(40);
  });

  it('has the alarms and the dashboard', () => {
    const written = readFileSync('stack/alarms.yml', 'utf8').match(/^ {2}\w+Alarm:$/gm) ?? [];
    const packaged = Object.keys(resourcesOf(dev.template, 'AWS::CloudWatch::Alarm'));
    expect(packaged.map((id) => `  ${id}:`)).toEqual(written);
    expect(Object.keys(resourcesOf(dev.template, 'AWS::CloudWatch::Dashboard'))).toEqual(['Dashboard']);
  });

  it('prints the address to paste into mp.weixin.qq.com', () => {
    const ofApi = { 'Fn::Sub': `https://$\{HttpApi}.execute-api.$\{AWS::Region}.$\{AWS::URLSuffix}/webhook` };
    expect(chosen(dev.template, dev.template.Outputs.WebhookUrl?.Value)).toEqual(ofApi);
  });
});

describe('without options', () => {
  it('nothing optional is made, and nothing is protected from being deleted', () => {
    const { Resources } = dev.template;
    expect(Object.values(Resources).filter(({ Condition }) => Condition && holds(dev.template, Condition))).toEqual([]);
    const tables = Object.values(resourcesOf<Table>(dev.template, 'AWS::DynamoDB::Table'));
    expect(tables.filter(({ Properties }) => Properties.DeletionProtectionEnabled !== false)).toHaveLength(TEMPORARY);
    const [cold] = tables.flatMap(({ Properties: { WarmThroughput } }) => (WarmThroughput ? [WarmThroughput] : []));
    expect(chosen(dev.template, cold)).toEqual({ Ref: 'AWS::NoValue' });
  });

  it('access-token goes out as every function does, and no other EncodingAESKey is asked for', () => {
    const { 'access-token': accessToken, webhook } = functionsOf(dev.template, 'dev');
    expect(accessToken).not.toHaveProperty('VpcConfig');
    expect(accessToken?.Environment.Variables.HTTPS_PROXY).toBe('');
    expect(webhook?.Environment.Variables.WECHAT_PREVIOUS_ENCODING_AES_KEY).toBe('');
  });
});

/** The tables that say nothing of being deleted: the token, and what is pending. */
const TEMPORARY = 2;
