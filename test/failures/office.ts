import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type BackOffice, publicOperator } from '../../lib/http/back-office.ts';
import { sessions } from '../../lib/operators/sessions.ts';
import { auditTable } from '../../lib/tables/audit.ts';
import { operatorsTable } from '../../lib/tables/operators.ts';
import { tableNamed } from '../support/tables.ts';

/** The back office on a database of the test's; deployed, `lib/http/back-office.ts` makes it. */
export function officeOn(db: DynamoDBDocumentClient, now: () => number): BackOffice {
  const operators = operatorsTable(db, tableNamed('operators'));
  const signed = sessions({ secret: process.env.SESSION_SECRET ?? '', now });
  return {
    ...{ now, db, operators, sessions: signed },
    audit: auditTable(db, tableNamed('audit')),
    authenticate: async (token) => {
      const session = await signed.read(token);
      const found = session && (await operators.byUsername(session.username));
      if (!found || found.operator.session !== session.session) return undefined;
      return publicOperator(found.operator, found.administrator);
    },
  };
}
