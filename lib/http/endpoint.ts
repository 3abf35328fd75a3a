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

/** What a route is told besides its input. */
export type Request<A extends Access = Access> = {
  /** Who asks; absent on public routes alone. */
  readonly operator: A extends 'public' ? undefined : Operator;
  readonly params: Readonly<Record<string, string>>;
  /** The address API Gateway saw; never a header. */
  readonly address: string;
  /** Start of the request, in milliseconds since 1970. */
  readonly now: number;
  /** What the audit will say of this call. */
  readonly note: AuditContext;
  readonly http: Context;
};

export type Route = {
  /** As API Gateway spells it, without the base path: `PUT /operators/{username}`. */
  readonly key: string;
  readonly access: Access;
  readonly contract: Contract;
  /** What changes nothing is not in the audit. */
  readonly isChanging: boolean;
  /** Shows followers' data: who reads it is in the audit, once an hour. */
  readonly showsFollowers: boolean;
  readonly answer: (request: Context, known: Request) => Promise<unknown>;
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
    answer: (input: InputOf<C[K]>, request: Request<A> & Beside) => ResponseOf<C[K]> | Promise<ResponseOf<C[K]>>,
    target?: (input: InputOf<C[K]>) => string | number | undefined,
  ): Route => {
    const contract = contracts[key] as C[K];
    return {
      key,
      access,
      contract,
      isChanging: !key.startsWith('GET '),
      showsFollowers: false,
      answer: async (http, request) => {
        const input = await inputOf(contract, http);
        if (target) request.note.target = target(input)?.toString();
        return answer(input, { ...(request as Request<A>), ...beside(request) });
      },
    };
  };

/** A route that only reads, though what it is asked needs a body. */
export const reading = (route: Route): Route => ({ ...route, isChanging: false });

/** A route that shows what is known of followers; its target is the follower, or absent where it lists everyone. */
export const showingFollowers = (route: Route): Route => ({ ...route, showsFollowers: true });

export type Ports = { readonly authenticate: Authenticate; readonly now: () => number; readonly audit: Audit };

export type Endpoint = ((
  event: APIGatewayProxyEventV2,
  context: LambdaContext,
) => Promise<APIGatewayProxyStructuredResultV2>) & { readonly routes: readonly Route[] };

/** The Lambda handler for some routes: the one place where errors become answers. Whatever is not listed is 404 or 405. */
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

/** What becomes a response. */
type Answered = { status: number; body: unknown; headers?: Readonly<Record<string, string>> };

/** What belongs in the audit is there before the answer leaves: a Lambda does nothing afterwards. */
async function serve(route: Route, http: Context, ports: Ports): Promise<Response> {
  const { key, access, answer } = route;
  const now = ports.now();
  const address = addressOf(http);
  const params = http.req.param();
  const note: AuditContext = { target: Object.values(params).join('/') };
  const answered = await authorize(access, http, noting(ports.authenticate, note))
    .then((operator) => answer(http, { operator, params, address, now, note, http } as Request))
    .then(
      (body): Answered => ({ status: 200, body }),
      (error: unknown) => failure(error, http),
    );
  const call = { at: now, action: key, request_id: requestIdOf(http), address };
  const outcome = { status: answered.status, errcode: errcodeIn(answered.body) };
  const isAnswered = outcome.status === 200 && outcome.errcode === 0;
  if (route.isChanging) await appendTo(ports.audit, note, { ...call, ...outcome });
  else if (route.showsFollowers && isAnswered) await appendReadTo(ports.audit, note, call);
  return asJson(http, answered);
}

/** Whoever is authenticated is noted, also when the guard then refuses them. */
const noting =
  (authenticate: Authenticate, note: AuditContext): Authenticate =>
  async (token) => {
    const operator = await authenticate(token);
    note.operator = operator?.username;
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

function failure(error: unknown, http: Context): Answered {
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

function asJson(http: Context, { status, body, headers = {} }: Answered): Response {
  for (const [name, value] of Object.entries(headers)) http.header(name, value);
  http.header('Content-Type', 'application/json; charset=utf-8');
  http.header('Cache-Control', 'no-store');
  return http.body(writeJson(body), status as 200);
}
