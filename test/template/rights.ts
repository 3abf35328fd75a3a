import { RIGHTS } from '../access.ts';
import { type FunctionProperties, type Resource, resourcesOf, type Template } from './packaged.ts';

/** One role's rights: actions by resource, in alphabetical order. */
export type Rights = Record<string, string>;

export type Statement = { Effect?: string; Action?: string | string[]; Resource?: unknown; [other: string]: unknown };
export type Role = {
  AssumeRolePolicyDocument: { Statement: unknown };
  Policies: { PolicyDocument: { Statement: Statement[] } }[];
  ManagedPolicyArns?: unknown[];
};

/** What the table grants, with what the framework gives every function: its own log, and Lambda as the only bearer. */
export const grantedBy = (stage: string): Record<string, Rights> =>
  Object.fromEntries(
    Object.entries(RIGHTS).map(([name, rights]) => [
      name,
      {
        ...rights,
        'bearer lambda.amazonaws.com': 'sts:AssumeRole',
        [`arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/wechat-server-${stage}-${name}:*:*`]:
          'logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents',
      },
    ]),
  );

/** What the roles of a template grant, by the function that bears each. A role of no function goes by its own id. */
export function grantedIn(template: Template, stage: string): Record<string, Rights> {
  const functions = Object.values(resourcesOf<FunctionProperties>(template, 'AWS::Lambda::Function'));
  const bearers = functions.map(({ Properties: { FunctionName, Role } }): [string, string] => [
    Role['Fn::GetAtt'][0],
    FunctionName.replace(`wechat-server-${stage}-`, ''),
  ]);
  const nameOf = (role: string) => bearers.flatMap(([id, name]) => (id === role ? [name] : [])).join(' and ') || role;
  const roles = Object.entries(resourcesOf<Role>(template, 'AWS::IAM::Role'));
  const others = Object.entries(template.Resources).filter(([, resource]) => grantsBesides(resource));
  return Object.fromEntries([
    ...roles.map(([id, role]) => [nameOf(id), rightsOf(role)]),
    ...others.map(([id]) => [id, { anything: 'whatever it says' }]),
  ]);
}

/** Rights are given by roles alone: by no policy that is a resource of its own, by no resource to whoever comes. */
const grantsBesides = ({ Type, Properties }: Resource): boolean =>
  /^AWS::IAM::(?!Role$)|ResourcePolicy$|^AWS::Lambda::Url$/.test(Type) || 'ResourcePolicy' in Object(Properties);

/** What a role grants. */
export function rightsOf({
  Properties: { AssumeRolePolicyDocument, Policies, ManagedPolicyArns = [] },
}: Resource<Role>): Rights {
  const pairs = [
    ...[AssumeRolePolicyDocument.Statement].flat().flatMap((statement) => bearersIn(statement as Statement)),
    ...Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).flatMap(pairsIn),
    ...ManagedPolicyArns.map((arn): Pair => [written(arn), 'whatever it says']),
  ];
  const resources = [...new Set(pairs.map(([resource]) => resource))];
  const actionsOn = (one: string) => pairs.flatMap(([resource, action]) => (resource === one ? [action] : []));
  return Object.fromEntries(resources.map((one) => [one, [...new Set(actionsOn(one))].sort().join(' ')]));
}

type Pair = [resource: string, action: string];

/** A statement that is more than `Allow`, actions, resources and a condition stands for itself, whole. */
function pairsIn(statement: Statement): Pair[] {
  const { Effect, Action, Resource, Condition, ...more } = statement;
  if (Effect !== 'Allow' || !Action || !Resource || Object.keys(more).length > 0)
    return [[written(statement), 'as is']];
  const condition = Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`;
  return [Resource]
    .flat()
    .flatMap((resource) => [Action].flat().map((action): Pair => [written(resource) + condition, action]));
}

function bearersIn({ Principal, ...statement }: Statement): Pair[] {
  const services = [(Principal as { Service?: string | string[] }).Service ?? written(Principal)].flat();
  const { Effect, Action, ...more } = statement;
  if (Effect !== 'Allow' || !Action || Object.keys(more).length > 0) return [[written(statement), 'as is']];
  return services.flatMap((service) => [Action].flat().map((action): Pair => [`bearer ${service}`, action]));
}

/** `{ Fn::GetAtt: [XTable, Arn] }` is written `XTable`; `${XTable.Arn}/index/y` is written `XTable/index/y`. */
function written(value: unknown): string {
  const { 'Fn::GetAtt': attribute, 'Fn::Sub': text } = Object(value) as {
    'Fn::GetAtt'?: string[];
    'Fn::Sub'?: unknown;
  };
  if (attribute?.[1] === 'Arn') return String(attribute[0]);
  if (typeof text === 'string') return text.replace(/\$\{(\w+)\.Arn\}/g, '$1');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
