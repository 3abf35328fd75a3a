import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { documentClient } from '../aws/dynamodb.ts';
import type { Operator } from '../operators/permissions.ts';
import { type Sessions, sessions } from '../operators/sessions.ts';
import { readConfig } from '../platform/config.ts';
import { type AuditTable, auditTable } from '../tables/audit.ts';
import { type OperatorsTable, operatorsTable, type StoredOperator } from '../tables/operators.ts';
import type { Ports } from './endpoint.ts';
import type { Authenticate } from './guard.ts';

/** The dependencies of every back office function; `endpoint` takes it as its ports. */
export type BackOffice = Ports & {
  readonly db: DynamoDBDocumentClient;
  readonly operators: OperatorsTable;
  readonly sessions: Sessions;
  readonly audit: AuditTable;
};

/** The back office as configured. Made once per process, when the function loads; tests pass a clock and a patient client. */
export function backOffice(given: { now?: () => number; db?: DynamoDBDocumentClient } = {}): BackOffice {
  const config = readConfig([
    'SESSION_SECRET',
    'PREVIOUS_SESSION_SECRET',
    'OPERATORS_TABLE',
    'AUDIT_TABLE',
    'DYNAMODB_ENDPOINT',
  ]);
  const { now = Date.now, db = documentClient(config) } = given;
  const operators = operatorsTable(db, config.OPERATORS_TABLE);
  const signed = sessions({ secret: config.SESSION_SECRET, previous: config.PREVIOUS_SESSION_SECRET, now });
  const audit = auditTable(db, config.AUDIT_TABLE, { now });
  return { now, db, operators, sessions: signed, authenticate: authenticateBy(signed, operators), audit };
}

/** The operator as authorization and the API's responses see it. */
export const publicOperator = (
  { username, display_name, permissions, password_chosen_by = username }: StoredOperator,
  administrator: boolean,
): Operator => ({
  username,
  display_name,
  administrator,
  permissions,
  must_change_password: password_chosen_by !== username,
});

/** Authentication that reads the operator's record each time, so that a revoked right is gone with the next request. */
const authenticateBy =
  (signed: Sessions, operators: OperatorsTable): Authenticate =>
  async (token) => {
    const session = await signed.read(token);
    const found = session && (await operators.byUsername(session.username));
    if (!found || found.operator.disabled || found.operator.session !== session.session) return undefined;
    return publicOperator(found.operator, found.administrator);
  };
