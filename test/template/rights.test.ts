import functions from '../../stack/functions.cjs';
import { RIGHTS } from '../access.ts';
import { rightsOf, type Statement } from './rights.ts';

const expanded: Record<string, { iamRoleStatements: Statement[] }> = functions();

/** As the framework will make roles of them; the packaged template is compared in `template.soak.test.ts`. */
const rightsIn = (Statement: Statement[]) =>
  rightsOf({
    Type: 'AWS::IAM::Role',
    Properties: { AssumeRolePolicyDocument: { Statement: [] }, Policies: [{ PolicyDocument: { Statement } }] },
  });

it('every function is given the rights that are written down, and no other', () => {
  const given = Object.entries(expanded).map(([name, { iamRoleStatements }]) => [name, rightsIn(iamRoleStatements)]);
  expect(Object.fromEntries(given)).toEqual(RIGHTS);
});
