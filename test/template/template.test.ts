import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { BASE_PATH } from '../../lib/http/endpoint.ts';
import { chosen, holds } from './conditions.ts';
import { type Loaded, load } from './loaded.ts';
import {
  filesOf,
  functionsOf,
  namesIn,
  type Packaged,
  packageService,
  resourcesOf,
  routesIn,
  STRAY,
  type Table,
  type Template,
} from './packaged.ts';
import { problemsIn } from './problems.ts';
import { grantedBy, grantedIn, RIGHTS } from './rights.ts';
import { widenings } from './widened.ts';

const EVERY_OPTION = {
  keyChange: 'yes',
  egress: 'subnets',
  subnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
  securityGroupIds: 'sg-0123456789abcdef0',
  httpsProxy: 'http://proxy.example.com:3128',
  warmWrites: '20000',
  domainName: 'wx.example.com',
  certificateArn: 'arn:aws:acm:ap-southeast-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef',
  alarmEmail: 'operator@example.com',
};

/** `dev` as it comes; `prod` with every option taken. */
let dev: Packaged;
let prod: Packaged;
let loaded: Record<string, Loaded>;

beforeAll(async () => {
  [dev, prod] = await Promise.all([packageService('dev'), packageService('prod', EVERY_OPTION)]);
  const loading = Object.entries(functionsOf(dev.template, 'dev')).map(async ([name, { Environment }]) => {
    const [bundle = new Uint8Array()] = Object.values(filesOf(dev, name));
    return [name, await load(bundle, Environment.Variables)] as const;
  });
  loaded = Object.fromEntries(await Promise.all(loading));
}, 120_000);

const textOf = ({ template }: Packaged): string => JSON.stringify(template);

describe('the bundles', () => {
  it("puts a function's own bundle into its zip, alone", () => {
    const names = Object.keys(functionsOf(dev.template, 'dev'));
    const files = names.map((name) => [name, Object.keys(filesOf(dev, name))]);
    expect(files).toEqual(names.map((name) => [name, [`functions/${name}/handler.mjs`]]));
  });

  it('gives every function the variables that it reads when it loads, and no other', () => {
    const given = Object.entries(functionsOf(dev.template, 'dev')).map(([name, { Environment }]) => [
      name,
      Object.keys(Environment.Variables)
        .filter((variable) => !(NODES_OWN[name] ?? []).includes(variable))
        .sort(),
    ]);
    const read = Object.entries(loaded).map(([name, { read }]) => [
      name,
      read.filter((variable) => !ON_A_LAPTOP.includes(variable)),
    ]);
    expect(Object.fromEntries(given)).toEqual(Object.fromEntries(read));
  });

  it("takes nothing from the shell or the .env of whoever deploys, least of all a laptop's database", () => {
    for (const packaged of [dev, prod]) {
      expect(textOf(packaged)).not.toContain(STRAY);
      for (const variable of ON_A_LAPTOP) expect(textOf(packaged)).not.toContain(variable);
    }
  });
});

/** Where the embedded DynamoDB and the emulated Lambda are: known to functions on a laptop alone. */
const ON_A_LAPTOP = ['DYNAMODB_ENDPOINT', 'LAMBDA_ENDPOINT'];

/** Read by Node itself. */
const NODES_OWN: Record<string, string[]> = { 'access-token': ['HTTPS_PROXY', 'NODE_USE_ENV_PROXY'] };

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

  it('is the same with every option, but for the network interface of access-token', () => {
    const expected = grantedBy('prod');
    const policy =
      '{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"]]}';
    const inSubnets = { ...expected['access-token'], [policy]: 'whatever it says' };
    expect(grantedIn(prod.template, 'prod')).toEqual({ ...expected, 'access-token': inSubnets });
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

describe('the secrets', () => {
  const OFFICE = [
    'audit',
    'insights',
    'interactions',
    'login',
    'menu',
    'operators',
    'remark',
    'reply-rules',
    'tags',
    'user-tags',
  ];

  it.each([
    ['WECHAT_APP_SECRET', ['access-token']],
    ['WECHAT_TOKEN', ['webhook']],
    ['WECHAT_ENCODING_AES_KEY', ['webhook']],
    ['WECHAT_PREVIOUS_ENCODING_AES_KEY', ['webhook']],
    ['SESSION_SECRET', OFFICE],
  ])('reach the functions that need them, by reference alone: %s', (variable, bearers) => {
    const given = Object.entries(functionsOf(prod.template, 'prod')).flatMap(([name, { Environment }]) =>
      variable in Environment.Variables ? [{ name, value: JSON.stringify(Environment.Variables[variable]) }] : [],
    );
    expect(given.map(({ name }) => name).sort()).toEqual(bearers);
    for (const { value } of given) expect(value).toMatch(/^(\{"Fn::Sub":)?"\{\{resolve:secretsmanager:[^"]+\}\}"\}?$/);
  });

  it('asks for the previous EncodingAESKey during a change of keys alone', () => {
    expect(textOf(prod)).toContain('previous_encoding_aes_key');
    expect(textOf(dev)).not.toContain('previous_encoding_aes_key');
  });

  it('makes the session secret itself', () => {
    const { SessionSecret: secret } = resourcesOf(dev.template, 'AWS::SecretsManager::Secret');
    expect(secret?.Properties).toMatchObject({ GenerateSecretString: { PasswordLength: 64 } });
  });
});

const SUB_OF_NOTHING = { 'Fn::Sub': `$\{Nobody}` };
const NO_ATTRIBUTE = { 'Fn::GetAtt': ['AuditTable', 'Size'] };
const propertiesIn = ({ AuditTable }: Template['Resources']): object => AuditTable?.Properties ?? {};
const webhookUrlIn = ({ template }: Packaged): unknown => chosen(template, template.Outputs.WebhookUrl?.Value);

describe('the template', () => {
  it.each([
    ['as it comes', () => dev.templateFile],
    ['with every option', () => prod.templateFile],
    ['of the first deployment', () => join(dev.folder, 'cloudformation-template-create-stack.json')],
    ['of the fixed address', () => 'functions/access-token/fixed-address.yml'],
  ])('is what CloudFormation takes, by its published schemas: %s', (_, file) => {
    expect(problemsIn(file())).toEqual([]);
  });

  it.each<[string, (template: Template) => unknown, RegExp]>([
    ['a property misspelt', ({ Resources }) => Object.assign(propertiesIn(Resources), { TabelName: 'x' }), /TabelName/],
    ['a value unheard of', ({ Resources }) => Object.assign(propertiesIn(Resources), { BillingMode: 'FREE' }), /FREE/],
    ['a resource missing', ({ Resources }) => delete Resources.CredentialsTable, /CredentialsTable/],
    ['a Sub of nothing', ({ Outputs }) => Object.assign(Outputs, { X: { Value: SUB_OF_NOTHING } }), /Nobody/],
    ['an attribute nobody has', ({ Outputs }) => Object.assign(Outputs, { X: { Value: NO_ATTRIBUTE } }), /Size/],
  ])('would not be taken with %s', (_, spoil, said) => {
    const template = structuredClone(dev.template);
    spoil(template);
    const file = join(dev.folder, 'spoilt.json');
    writeFileSync(file, JSON.stringify(template));
    expect(problemsIn(file).join('\n')).toMatch(said);
  });

  it('keeps what cannot be made again, and in production does not let it be deleted', () => {
    const tables = (packaged: Packaged) =>
      Object.entries(resourcesOf<Table>(packaged.template, 'AWS::DynamoDB::Table'));
    const kept = ['AuditTable', 'InsightsTable', 'InteractionsTable', 'OperatorsTable', 'ReplyRulesTable'];
    const keeping = tables(prod).filter(([, table]) => {
      const { DeletionProtectionEnabled, PointInTimeRecoverySpecification: recovery } = table.Properties;
      return (
        DeletionProtectionEnabled === true &&
        recovery?.PointInTimeRecoveryEnabled === true &&
        table.DeletionPolicy === 'RetainExceptOnCreate' &&
        table.UpdateReplacePolicy === 'Retain'
      );
    });
    expect(keeping.map(([id]) => id).sort()).toEqual(kept);
    expect(tables(dev).filter(([, { Properties }]) => Properties.DeletionProtectionEnabled)).toEqual([]);
    for (const [, { Properties }] of tables(prod)) {
      expect(Properties).toMatchObject({ BillingMode: 'PAY_PER_REQUEST', SSESpecification: { SSEEnabled: true } });
    }
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
    expect(Object.fromEntries(timeouts)).toEqual({ webhook: 7, 'access-token': 10, answers: 60, rollup: 600 });
    for (const [, made] of functions) expect(made).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  });

  it('shares no name between two stages, so that they live in one AWS account', () => {
    const both = namesIn(prod.template).filter((name) => namesIn(dev.template).includes(name));
    expect(both).toEqual([]);
    expect(namesIn(dev.template).length).toBeGreaterThan(40);
  });

  it('names no partition, account or region', () => {
    const withoutCertificate = textOf(prod).replaceAll(EVERY_OPTION.certificateArn, '');
    expect(withoutCertificate).not.toMatch(/arn:aws|\d{12}[:"]|ap-southeast-1/);
    const hosts = withoutCertificate.match(/[\w.-]+\.amazonaws\.com[\w.]*/g);
    expect([...new Set(hosts)].sort()).toEqual([
      'apigateway.amazonaws.com',
      'events.amazonaws.com',
      'lambda.amazonaws.com',
    ]);
  });

  it('prints the address to paste into mp.weixin.qq.com', () => {
    const ofApi = { 'Fn::Sub': `https://$\{HttpApi}.execute-api.$\{AWS::Region}.$\{AWS::URLSuffix}/webhook` };
    expect(webhookUrlIn(dev)).toEqual(ofApi);
    expect(webhookUrlIn(prod)).toBe('https://wx.example.com/webhook');
  });
});

describe('an option', () => {
  it('makes nothing unless it is taken', () => {
    const optional = ({ template }: Packaged) =>
      Object.entries(template.Resources).filter(([, { Condition }]) => Condition && holds(template, Condition));
    expect(optional(dev)).toEqual([]);
    expect(optional(prod).map(([id]) => id)).toEqual(['AlarmEmail', 'Domain', 'DomainMapping']);
  });

  it('puts access-token alone into subnets, or sends it through a proxy', () => {
    const inSubnets = Object.entries(functionsOf(prod.template, 'prod')).filter(([, { VpcConfig }]) => VpcConfig);
    expect(inSubnets.map(([name, { VpcConfig }]) => [name, VpcConfig])).toEqual([
      [
        'access-token',
        {
          SubnetIds: { 'Fn::Split': [',', EVERY_OPTION.subnetIds] },
          SecurityGroupIds: { 'Fn::Split': [',', EVERY_OPTION.securityGroupIds] },
        },
      ],
    ]);
    expect(textOf(dev)).not.toContain('VpcConfig');
    const throughProxy = Object.entries(functionsOf(prod.template, 'prod')).filter(
      ([, { Environment }]) => Environment.Variables.HTTPS_PROXY === EVERY_OPTION.httpsProxy,
    );
    expect(throughProxy.map(([name]) => name)).toEqual(['access-token']);
    expect(functionsOf(dev.template, 'dev')['access-token']?.Environment.Variables.HTTPS_PROXY).toBe('');
  });

  it('warms the interactions and their index', () => {
    const warm = { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: '20000' };
    const { InteractionsTable: table } = resourcesOf<Table>(prod.template, 'AWS::DynamoDB::Table');
    expect(chosen(prod.template, table?.Properties.WarmThroughput)).toEqual(warm);
    expect(chosen(prod.template, table?.Properties.GlobalSecondaryIndexes?.[0]?.WarmThroughput)).toEqual(warm);
    const { InteractionsTable: cold } = resourcesOf<Table>(dev.template, 'AWS::DynamoDB::Table');
    expect(chosen(dev.template, cold?.Properties.WarmThroughput)).toEqual({ Ref: 'AWS::NoValue' });
  });
});
