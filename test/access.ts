import type { Access } from '../lib/http/guard.ts';

/** A signed-in operator is asked for; what changes something is in the audit. */
const BACK_OFFICE = { OperatorsTable: 'dynamodb:BatchGetItem', AuditTable: 'dynamodb:PutItem' };

/** WeChat's API is called, with the account's access_token. */
const CALLS_WECHAT = { CredentialsTable: 'dynamodb:GetItem', AccessDashtokenLambdaFunction: 'lambda:InvokeFunction' };

type Declared = {
  /** Its routes, and who may call each. */
  readonly routes?: Readonly<Record<string, Access>>;
  /** What it may do to what: the whole of it, besides writing its own log. */
  readonly rights: Readonly<Record<string, string>>;
};

/**
 * Who may call what, and what each function may do: written down a second time, on purpose, and compared with the handlers,
 * with `stack/functions.cjs` and with the packaged template. A new function is an entry here, or the suite fails.
 */
const FUNCTIONS: Readonly<Record<string, Declared>> = {
  webhook: {
    rights: {
      InteractionsTable: 'dynamodb:GetItem dynamodb:PutItem',
      ReplyRulesTable: 'dynamodb:GetItem dynamodb:Query',
      PendingTable: 'dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem',
      SlowDashrepliesLambdaFunction: 'lambda:InvokeFunction',
    },
  },
  'slow-replies': {
    rights: {
      InteractionsTable: 'dynamodb:PutItem',
      PendingTable: 'dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem',
      ...CALLS_WECHAT,
    },
  },
  menu: {
    routes: {
      'POST /cgi-bin/menu': 'menu:write',
      'GET /cgi-bin/menu': 'menu:read',
      'DELETE /cgi-bin/menu': 'menu:write',
    },
    rights: { ...BACK_OFFICE, ...CALLS_WECHAT },
  },
  tags: {
    routes: {
      'POST /cgi-bin/tags': 'tags:write',
      'GET /cgi-bin/tags': 'tags:read',
      'PUT /cgi-bin/tags': 'tags:write',
      'DELETE /cgi-bin/tags': 'tags:write',
    },
    rights: { ...BACK_OFFICE, ...CALLS_WECHAT },
  },
  'user-tags': {
    routes: {
      'GET /cgi-bin/user/tags': 'user-tags:read',
      'PUT /cgi-bin/user/tags': 'user-tags:write',
      'DELETE /cgi-bin/user/tags': 'user-tags:write',
    },
    rights: { ...BACK_OFFICE, ...CALLS_WECHAT },
  },
  remark: {
    routes: { 'PUT /cgi-bin/user/remark': 'remark:write' },
    rights: { ...BACK_OFFICE, ...CALLS_WECHAT },
  },
  login: {
    routes: {
      'POST /login': 'public',
      'GET /login': 'session',
      'DELETE /login': 'session',
      'PUT /login/password': 'session',
    },
    rights: {
      OperatorsTable: 'dynamodb:BatchGetItem dynamodb:UpdateItem',
      AuditTable: 'dynamodb:PutItem',
      'AuditTable if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["sign-ins#*"]}}': 'dynamodb:UpdateItem',
    },
  },
  operators: {
    routes: {
      'POST /operators/register': 'public',
      'GET /operators': 'operators:manage',
      'POST /operators': 'operators:manage',
      'GET /operators/{username}': 'operators:manage',
      'PATCH /operators/{username}': 'operators:manage',
      'DELETE /operators/{username}': 'operators:manage',
    },
    rights: {
      OperatorsTable:
        'dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem',
      AuditTable: 'dynamodb:PutItem',
    },
  },
  interactions: {
    routes: {
      'GET /interactions': 'interactions:read',
      'GET /interactions/{openid}': 'interactions:read',
      'POST /interactions/{openid}': 'interactions:reply',
    },
    rights: {
      ...BACK_OFFICE,
      InteractionsTable: 'dynamodb:PutItem dynamodb:Query',
      'InteractionsTable/index/by-day': 'dynamodb:Query',
      PendingTable: 'dynamodb:GetItem dynamodb:PutItem',
      ...CALLS_WECHAT,
    },
  },
  insights: {
    routes: { 'GET /insights': 'insights:read' },
    rights: {
      OperatorsTable: 'dynamodb:BatchGetItem',
      InteractionsTable: 'dynamodb:Query',
      'InteractionsTable/index/by-day': 'dynamodb:Query',
      InsightsTable: 'dynamodb:Query',
    },
  },
  'reply-rules': {
    routes: {
      'GET /reply-rules': 'reply-rules:read',
      'POST /reply-rules': 'reply-rules:write',
      'POST /reply-rules/try': 'reply-rules:read',
      'GET /reply-rules/{id}': 'reply-rules:read',
      'PUT /reply-rules/{id}': 'reply-rules:write',
      'DELETE /reply-rules/{id}': 'reply-rules:write',
    },
    rights: {
      ...BACK_OFFICE,
      ReplyRulesTable: 'dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query',
    },
  },
  audit: {
    routes: { 'GET /audit': 'administrator' },
    rights: {
      OperatorsTable: 'dynamodb:BatchGetItem',
      AuditTable: 'dynamodb:Query',
    },
  },
  'access-token': {
    rights: {
      CredentialsTable: 'dynamodb:GetItem dynamodb:UpdateItem',
    },
  },
  rollup: {
    rights: {
      InteractionsTable: 'dynamodb:Query',
      'InteractionsTable/index/by-day': 'dynamodb:Query',
      InsightsTable: 'dynamodb:DeleteItem dynamodb:PutItem dynamodb:Query',
    },
  },
};

/** The routes of each function that has some of the back office's. */
export const ROUTES: Readonly<Record<string, Readonly<Record<string, Access>>>> = Object.fromEntries(
  Object.entries(FUNCTIONS).flatMap(([name, { routes }]) => (routes ? [[name, routes]] : [])),
);

/** What each function may do. */
export const RIGHTS = Object.fromEntries(Object.entries(FUNCTIONS).map(([name, { rights }]) => [name, rights]));

/** Every route that only reads, and whether it shows followers' data. A new one is written down here, or the suite fails. */
export const SHOWS_FOLLOWERS: Record<string, boolean> = {
  'GET /audit': false,
  'GET /cgi-bin/menu': false,
  'GET /cgi-bin/tags': false,
  'GET /cgi-bin/user/tags': true,
  'GET /insights': false,
  'GET /interactions': true,
  'GET /interactions/{openid}': true,
  'GET /login': false,
  'GET /operators': false,
  'GET /operators/{username}': false,
  'GET /reply-rules': false,
  'GET /reply-rules/{id}': false,
  'POST /reply-rules/try': false,
};
