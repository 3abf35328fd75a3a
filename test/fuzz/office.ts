import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Ports } from '../../lib/http/endpoint.ts';
import { PERMISSIONS, type Permission } from '../../lib/operators/permissions.ts';

export const NOW = 1_767_225_600_000;
export const now = () => NOW;

/** An office where everyone is an administrator: what is fuzzed is what a request brings. */
export const OFFICE: Ports = {
  now,
  audit: { append: async () => undefined, appendRead: async () => undefined },
  authenticate: async () => ({
    username: 'ming',
    display_name: 'ming',
    administrator: true,
    must_change_password: false,
    permissions: Object.keys(PERMISSIONS) as Permission[],
  }),
};

/** A database that has nothing. */
export const EMPTY = {
  send: async () => ({ Items: [], ScannedCount: 0, Responses: {} }),
} as unknown as DynamoDBDocumentClient;
