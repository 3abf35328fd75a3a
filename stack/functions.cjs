/**
 * Expands the `function.yml` of each folder in `functions/` for serverless.yml. CommonJS, since the framework loads it with `require`.
 *
 *   description, timeout, memorySize, …   passed on as they are
 *   routes: [GET /tags]                   HTTP routes, under the base path; `path` gives one without it
 *   schedule: rate(2 minutes)             when EventBridge invokes it
 *   uses: [back-office]                   signed-in operators: their table, the audit, the session's secret
 *   uses: [wechat]                        calls WeChat's API with the account's access_token
 *   tables: { pending: GetItem PutItem }  a table's variable, and the right to just these actions
 *   partitions: { audit: { "sign-ins#*": UpdateItem } }   the right to these actions on such partitions of a table alone
 *   invokes: [slow-replies]               another function's variable, and the right to invoke it
 *   variables: [REGISTRATION]             variables from parameters: REGISTRATION is ${param:registration}
 *   environment: { NAME: value }          other variables
 *   concurrency: loginConcurrency         how many run at once, by this parameter
 */
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');
const { parse } = require('yaml');

const ROOT = join(__dirname, '..');
const BASE_PATH = '/api/v0.1';

/** The variables and rights of each value of `uses`. */
const USES = {
  'back-office': ({ routes = [] }) => ({
    tables: { operators: 'BatchGetItem', ...(routes.some(isChanging) && { audit: 'PutItem' }) },
    variables: ['OPERATORS_TABLE', 'AUDIT_TABLE', 'SESSION_SECRET', 'PREVIOUS_SESSION_SECRET', 'METRICS_NAMESPACE'],
  }),
  wechat: () => ({
    tables: { credentials: 'GetItem' },
    invokes: ['access-token'],
    variables: ['WECHAT_APP_ID', 'WECHAT_API_ORIGIN', 'METRICS_NAMESPACE'],
  }),
};

const isChanging = (route) => !route.startsWith('GET ');

/** Every function, expanded, by its name. */
module.exports = () =>
  Object.fromEntries(
    readdirSync(join(ROOT, 'functions')).map((name) => {
      const text = readFileSync(join(ROOT, 'functions', name, 'function.yml'), 'utf8');
      return [name, expand(name, parse(text))];
    }),
  );

function expand(
  name,
  {
    uses = [],
    tables = {},
    partitions = {},
    invokes = [],
    variables = [],
    routes = [],
    schedule,
    environment = {},
    concurrency,
    ...own
  },
) {
  const parts = [...uses.map((used) => USES[used]({ routes })), { tables, invokes, variables }];
  const granted = together(parts.map((part) => part.tables ?? {}));
  const invoked = [...new Set(parts.flatMap((part) => part.invokes ?? []))];
  return {
    ...own,
    ...(concurrency && { reservedConcurrency: unlessEmpty(concurrency) }),
    handler: `functions/${name}/handler.handler`,
    package: { patterns: ['!functions/**', `functions/${name}/*.mjs`] },
    events: [...routes.map((route) => ({ httpApi: withBasePath(route) })), ...(schedule ? [{ schedule }] : [])],
    environment: Object.fromEntries([
      ...Object.keys(granted).map((table) => variableOfTable(table)),
      ...invoked.map((one) => variableOfFunction(one)),
      ...parts.flatMap((part) => part.variables ?? []).map(variable),
      ...Object.entries(environment),
    ]),
    iamRoleStatements: [
      ...Object.entries(granted).flatMap(onTable),
      ...Object.entries(partitions).flatMap(onPartitions),
      ...invoked.map(onFunction),
    ],
  };
}

/** The parameter's value, under the condition that serverless.yml has for it. */
const unlessEmpty = (parameter) => ({
  'Fn::If': [`Has${pascal(parameter)}`, `\${param:${parameter}}`, { Ref: 'AWS::NoValue' }],
});

/** The actions of all parts on each table. */
function together(parts) {
  const all = {};
  for (const part of parts) {
    for (const [table, actions] of Object.entries(part)) {
      all[table] = [...new Set([...(all[table] ?? []), ...actions.split(' ')])];
    }
  }
  return all;
}

const withBasePath = (route) => (/ \/webhook$/.test(route) ? route : route.replace(' ', ` ${BASE_PATH}`));

const constant = (name) => name.toUpperCase().replaceAll('-', '_');
const pascal = (name) => name.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase());
const camel = (name) => name.toLowerCase().replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

const variableOfTable = (table) => [`${constant(table)}_TABLE`, `\${self:custom.tables.${table}}`];
const variableOfFunction = (name) => [`${constant(name)}_FUNCTION`, `\${self:service}-\${sls:stage}-${name}`];
const variable = (name) => {
  if (name === 'METRICS_NAMESPACE') return [name, `\${self:service}-\${sls:stage}`];
  if (name.endsWith('_TABLE'))
    return variableOfTable(name.slice(0, -'_TABLE'.length).toLowerCase().replaceAll('_', '-'));
  return [name, `\${param:${camel(name)}}`];
};

/** The right to query a table includes its indexes. */
function onTable([table, actions]) {
  const id = `${pascal(table)}Table`;
  const allow = (Action, Resource) => ({ Effect: 'Allow', Action, Resource });
  const onIndex = INDEXES[table]?.map((index) =>
    allow('dynamodb:Query', { 'Fn::Sub': `\${${id}.Arn}/index/${index}` }),
  );
  return [
    allow(
      actions.map((action) => `dynamodb:${action}`),
      { 'Fn::GetAtt': [id, 'Arn'] },
    ),
    ...(actions.includes('Query') ? (onIndex ?? []) : []),
  ];
}
const INDEXES = { interactions: ['by-day'] };

/** IAM compares the partition's key with the pattern. */
const onPartitions = ([table, partitions]) =>
  Object.entries(partitions).map(([pattern, action]) => ({
    Effect: 'Allow',
    Action: `dynamodb:${action}`,
    Resource: { 'Fn::GetAtt': [`${pascal(table)}Table`, 'Arn'] },
    Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [pattern] } },
  }));

const onFunction = (name) => ({
  Effect: 'Allow',
  Action: 'lambda:InvokeFunction',
  Resource: { 'Fn::GetAtt': [`${logicalId(name)}LambdaFunction`, 'Arn'] },
});

/** The framework's logical id of a function. */
const logicalId = (name) => `${name[0].toUpperCase()}${name.slice(1).replaceAll('-', 'Dash')}`;
