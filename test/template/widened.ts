import { type Resource, resourcesOf, type Template } from './packaged.ts';
import type { Role, Statement } from './rights.ts';

/** Ways to give a statement more than it says. */
const WIDER: Record<string, (statement: Statement) => Statement> = {
  'one action more': (said) => ({ ...said, Action: [...[said.Action ?? []].flat(), 'dynamodb:Scan'] }),
  'every action of its service': (said) => ({ ...said, Action: `${serviceOf(said)}:*` }),
  'every action': (said) => ({ ...said, Action: '*' }),
  'all actions but one': ({ Action: _, ...said }) => ({ ...said, NotAction: 'iam:CreateUser' }),
  'every resource': (said) => ({ ...said, Resource: '*' }),
  'one table more': (said) => ({
    ...said,
    Resource: [said.Resource, { 'Fn::Sub': `arn:$\{AWS::Partition}:dynamodb:*:*:table/another` }].flat(),
  }),
  'every index': (said) => ({
    ...said,
    Resource: [said.Resource, { 'Fn::Sub': `$\{InteractionsTable.Arn}/*` }].flat(),
  }),
};

const serviceOf = ({ Action = [] }: Statement) => String([Action].flat()[0]).split(':')[0];

/** Ways to give a role more than its statements say. */
const LARGER: Record<string, (role: Role) => Role> = {
  'a managed policy': (role) => ({
    ...role,
    ManagedPolicyArns: [...(role.ManagedPolicyArns ?? []), 'arn:aws:iam::aws:policy/AdministratorAccess'],
  }),
  'a second policy': (role) => ({
    ...role,
    Policies: [
      ...role.Policies,
      { PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'dynamodb:Scan', Resource: '*' }] } },
    ],
  }),
  'another bearer': (role) => ({
    ...role,
    AssumeRolePolicyDocument: {
      Statement: [
        role.AssumeRolePolicyDocument.Statement,
        { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' },
      ].flat(),
    },
  }),
};

const ALL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', Principal: '*' }] };

/** Ways to give rights without a role. */
const BESIDES: Record<string, Resource> = {
  'a policy of its own': { Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'more', PolicyDocument: ALL } },
  'a managed policy': { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: ALL } },
  'a user': { Type: 'AWS::IAM::User', Properties: {} },
  'a table for everyone': { Type: 'AWS::DynamoDB::Table', Properties: { ResourcePolicy: { PolicyDocument: ALL } } },
  'a secret for everyone': { Type: 'AWS::SecretsManager::ResourcePolicy', Properties: { ResourcePolicy: ALL } },
  'a door beside the API': { Type: 'AWS::Lambda::Url', Properties: { AuthType: 'NONE' } },
};

/** Every template that differs in one statement or one role that says more, with what was widened. */
export function* widenings(template: Template): Generator<{ what: string; wider: Template }> {
  for (const [what, resource] of Object.entries(BESIDES)) {
    yield { what, wider: { ...template, Resources: { ...template.Resources, Another: resource } } };
  }
  for (const [id, role] of Object.entries(resourcesOf<Role>(template, 'AWS::IAM::Role'))) {
    const put = (what: string, larger: Role) => ({
      what: `${id}: ${what}`,
      wider: { ...template, Resources: { ...template.Resources, [id]: { ...role, Properties: larger } as Resource } },
    });
    for (const [how, enlarge] of Object.entries(LARGER)) yield put(how, enlarge(role.Properties));
    const [policy] = role.Properties.Policies;
    const statements = policy?.PolicyDocument.Statement ?? [];
    for (const index of statements.keys()) {
      for (const [how, widen] of Object.entries(WIDER)) {
        const Statement = statements.map((said, at) => (at === index ? widen(said) : said));
        yield put(`statement ${index}, ${how}`, { ...role.Properties, Policies: [{ PolicyDocument: { Statement } }] });
      }
    }
  }
}
