import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context as LambdaContext } from 'aws-lambda';
import { type Context, Hono } from 'hono';
import { handle } from 'hono/aws-lambda';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { Contract, Contracts, InputOf, ResponseOf } from '../contract/contract.ts';
import type { Operator } from '../operators/permissions.ts';
import { hasCode } from '../platform/error.ts';
import { log } from '../platform/log.ts';
import { boundedBy, type WeChatClient } from '../wechat/api/client.ts';
import { isWeChatError, type WeChatError } from '../wechat/api/error.ts';
import { writeJson } from '../wechat/api/json.ts';
import { type Audit, type AuditContext, appendReadTo, appendTo } from './audit.ts';
import type { Received } from './body.ts';
import { badParameter, HttpError, isHttpError } from './error.ts';
import { type Access, type Authenticate, authorize } from './guard.ts';
import { inputOf } from './input.ts';

export const BASE_PATH = '/api/v0.1';

/** API Gateway hangs up after 30 s: for all calls of WeChat that one request makes. */
const WECHAT_MS = 25_000;

/** The context of a request, besides its input. */
export type Request<A extends Access = Access> = {
  /** The caller; undefined only on public routes. */
  readonly operator: A extends 'public' ? undefined : Operator;
  readonly params: Readonly<Record<string, string>>;
  /** The source address that API Gateway saw; never a header. */
  readonly address: string;
  /** Start of the request, in milliseconds since 1970. */
  readonly now: number;
  /** For the audit's entry of this request. */
  readonly auditContext: AuditContext;
  readonly http: Context;
};

export type Route = {
  /** As API Gateway spells it, without the base path: `PUT /operators/{username}`. */
  readonly key: string;
  readonly access: Access;
  readonly contract: Contract;
  /** Only changing calls are in the audit. */
  readonly isChanging: boolean;
  /** The response has followers' data: readers are in the audit, once an hour. */
  readonly showsFollowers: boolean;
  readonly respond: (http: Context, request: Request) => Promise<unknown>;
};

/**
 * Makes routes by their contracts: the key of one, who may call it, its response, and the subject of the action for the
 * audit (by default what its path names): an openid, the id of a tag, a username; never a secret or text of a message.
 *
 * @example
 * const route = routesOf(OPERATORS);
 * route('GET /operators/{username}', 'operators:manage', (_, { params }) => …)
 */
export const routesOf = <C extends Contracts>(contracts: C) => routesWith(contracts, () => ({}));

/**
 * The same for routes that call WeChat: the request hands out its API, all calls of which end `wechatMs` after the
 * request began.
 *
 * @example
 * const route = wechatRoutesOf(REMARK, account());
 * route('PUT /cgi-bin/user/remark', 'remark:write', ({ openid, remark }, { wechat }) => …, ({ openid }) => openid)
 */
export const wechatRoutesOf = <C extends Contracts>(contracts: C, client: WeChatClient, wechatMs = WECHAT_MS) =>
  routesWith(contracts, ({ now }) => ({ wechat: boundedBy(now + wechatMs, client) }));

const routesWith =
  <C extends Contracts, Beside extends object>(contracts: C, beside: (request: Request) => Beside) =>
  <K extends keyof C & string, A extends Access>(
    key: K,
    access: A,
    respond: (input: InputOf<C[K]>, request: Request<A> & Beside) => ResponseOf<C[K]> | Promise<ResponseOf<C[K]>>,
    target?: (input: InputOf<C[K]>) => string | number | undefined,
  ): Route => {
    const contract = contracts[key] as C[K];
    return {
      key,
      access,
      contract,
      isChanging: !key.startsWith('GET '),
      showsFollowers: false,
      respond: async (http, request) => {
        const input = await inputOf(contract, http);
        if (target) request.auditContext.target = target(input)?.toString();
        return respond(input, { ...(request as Request<A>), ...beside(request) });
      },
    };
  };

/** A route that only reads, though its query is a body. */
export const reading = (route: Route): Route => ({ ...route, isChanging: false });

/** A route that returns followers' data; its target is the follower, or absent where it lists everyone. */
export const showingFollowers = (route: Route): Route => ({ ...route, showsFollowers: true });

export type Ports = { readonly authenticate: Authenticate; readonly now: () => number; readonly audit: Audit };

export type Endpoint = ((
  event: APIGatewayProxyEventV2,
  context: LambdaContext,
) => Promise<APIGatewayProxyStructuredResultV2>) & { readonly routes: readonly Route[] };

/** The Lambda handler for some routes: the one place where errors become responses. Other paths are 404, methods 405. */
export function endpoint(routes: readonly Route[], ports: Ports): Endpoint {
  const app = new Hono();
  app.use(
    methodNotAllowed({ app, onMethodNotAllowed: (http, methods) => asJson(http, failure(notAllowed(methods), http)) }),
  );
  for (const each of routes) {
    const [method = '', path = ''] = each.key.split(' ');
    app.on(method, honoPath(path), (http) => serve(each, http, ports));
  }
  app.notFound((http) => asJson(http, failure(new HttpError(404, 'no such route'), http)));
  app.onError((error, http) => asJson(http, failure(error, http)));
  const lambda = handle(app) as unknown as Endpoint;
  return Object.assign(
    async (event: APIGatewayProxyEventV2, context: LambdaContext) => lambda(received(event), context),
    { routes },
  );
}

const received = ({ body, ...event }: APIGatewayProxyEventV2): Received => ({ ...event, sent: body });

/** The response, not written yet. */
type Result = { status: number; body: unknown; headers?: Readonly<Record<string, string>> };

/** Serves a request. Its audit entry is written before it responds: a Lambda does nothing afterwards. */
async function serve(route: Route, http: Context, ports: Ports): Promise<Response> {
  const { key, access, respond } = route;
  const now = ports.now();
  const address = addressOf(http);
  const params = http.req.param();
  const auditContext: AuditContext = { target: Object.values(params).join('/') };
  const result = await authorize(access, http, noting(ports.authenticate, auditContext))
    .then((operator) => respond(http, { operator, params, address, now, auditContext, http } as Request))
    .then(
      (body): Result => ({ status: 200, body }),
      (error: unknown) => failure(error, http),
    );
  const call = { at: now, action: key, request_id: requestIdOf(http), address };
  const outcome = { status: result.status, errcode: errcodeIn(result.body) };
  const isOk = outcome.status === 200 && outcome.errcode === 0;
  if (route.isChanging) await appendTo(ports.audit, auditContext, { ...call, ...outcome });
  else if (route.showsFollowers && isOk) await appendReadTo(ports.audit, auditContext, call);
  return asJson(http, result);
}

/** Authentication that names the operator to the audit, also when authorization then fails. */
const noting =
  (authenticate: Authenticate, auditContext: AuditContext): Authenticate =>
  async (token) => {
    const operator = await authenticate(token);
    auditContext.operator = operator?.username;
    return operator;
  };

const honoPath = (path: string): string => BASE_PATH + path.replace(/\{(\w+)\}/g, ':$1');

const addressOf = (http: Context): string => http.env.event.requestContext.http.sourceIp;

const requestIdOf = (http: Context): string => http.env.event.requestContext.requestId;

/** HEAD, which Hono takes for every GET, is not routed by API Gateway. */
function notAllowed(methods: readonly string[]): HttpError {
  const allowed = methods.filter((method) => method !== 'HEAD');
  return new HttpError(405, 'method not allowed', { headers: { Allow: allowed.join(', ') } });
}

function failure(error: unknown, http: Context): Result {
  if (isHttpError(error)) {
    const { status, errcode, message, detail, issues, headers } = error;
    return {
      status,
      body: { errcode, errmsg: message, ...(detail && { detail }), ...(issues && { issues }) },
      headers,
    };
  }
  if (hasCode(error, 'WRONG_CURSOR')) return failure(badParameter('cursor', error.message), http);
  if (isWeChatError(error)) return { status: error.status, body: bodyOf(error) };
  const requestId = requestIdOf(http);
  log.error('unexpected failure', { request_id: requestId, error: error as Error });
  return { status: 500, body: { errcode: 500, errmsg: 'internal error', detail: `request ${requestId}` } };
}

/** WeChat's own result where it refused; with status 200, as its own servers send it. */
const bodyOf = ({ errcode, errmsg, result, detail }: WeChatError): object => ({
  errcode,
  errmsg,
  ...result,
  ...(detail && { detail }),
});

const errcodeIn = (body: unknown): number => {
  const { errcode = 0 } = Object(body) as { errcode?: unknown };
  return Number(errcode);
};

function asJson(http: Context, { status, body, headers = {} }: Result): Response {
  for (const [name, value] of Object.entries(headers)) http.header(name, value);
  http.header('Content-Type', 'application/json; charset=utf-8');
  http.header('Cache-Control', 'no-store');
  return http.body(writeJson(body), status as 200);
}
