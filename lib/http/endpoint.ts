import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context as LambdaContext } from 'aws-lambda';
import { type Context, Hono } from 'hono';
import { handle } from 'hono/aws-lambda';
import type { Operator } from '../auth/permissions.ts';
import { log } from '../log.ts';
import { WeChatError } from '../wechat/error.ts';
import { writeJson } from '../wechat/json.ts';
import { HttpError } from './error.ts';
import { type Access, admit, type Recognise } from './guard.ts';
import type { Input } from './input.ts';

export const BASE_PATH = '/api/v0.1';

/** The HTTP API hangs up after 30 s; what is asked of WeChat must be answered before. */
const REQUEST_TIME_MS = 25_000;

/** What a route is told besides its input. */
export type Request<A extends Access = Access> = {
  /** Who asks; absent on public routes alone. */
  readonly operator: A extends 'public' ? undefined : Operator;
  readonly params: Readonly<Record<string, string>>;
  /** The address API Gateway saw; never a header. */
  readonly address: string;
  /** Start of the request and the moment by which WeChat must have answered, in milliseconds. */
  readonly now: number;
  readonly deadline: number;
  readonly http: Context;
};

export type Route = {
  /** As API Gateway spells it, without the base path: `PUT /operators/{username}`. */
  readonly key: string;
  readonly access: Access;
  readonly answer: (request: Context, known: Request) => Promise<unknown>;
};

/**
 * One route: its key, who may call it, what it takes, and what it answers.
 *
 * @example route('PUT /cgi-bin/user/remark', 'remark:write', form(Remark), ({ openid, remark }) => …)
 */
export const route = <T, A extends Access>(
  key: string,
  access: A,
  input: Input<T>,
  answer: (input: T, request: Request<A>) => unknown,
): Route => ({
  key,
  access,
  answer: async (http, request) => answer(await input(http), request as Request<A>),
});

export type Ports = { readonly recognise: Recognise; readonly now: () => number };

export type Endpoint = ((
  event: APIGatewayProxyEventV2,
  context: LambdaContext,
) => Promise<APIGatewayProxyStructuredResultV2>) & { readonly routes: readonly Route[] };

/** The Lambda handler for some routes: the one place where errors become answers. Whatever is not listed is 404 or 405. */
export function endpoint(routes: readonly Route[], { recognise, now }: Ports): Endpoint {
  const app = new Hono();
  for (const { key, access, answer } of routes) {
    const [method = '', path = ''] = key.split(' ');
    app.on(method, honoPath(path), async (http) => {
      const start = now();
      const operator = await admit(access, http, recognise);
      const request = {
        operator,
        params: http.req.param(),
        address: addressOf(http),
        now: start,
        deadline: start + REQUEST_TIME_MS,
        http,
      };
      return asJson(http, 200, await answer(http, request as Request));
    });
  }
  app.notFound((http) => failure(http, notRouted(routes, http)));
  app.onError((error, http) => failure(http, error));
  const lambda = handle(app) as unknown as Endpoint;
  return Object.assign(async (event: APIGatewayProxyEventV2, context: LambdaContext) => lambda(event, context), {
    routes,
  });
}

const honoPath = (path: string): string => BASE_PATH + path.replace(/\{(\w+)\}/g, ':$1');

const addressOf = (http: Context): string => http.env.event.requestContext.http.sourceIp;

function notRouted(routes: readonly Route[], http: Context): HttpError {
  const methods = routes
    .filter(({ key }) =>
      new RegExp(`^${honoPath(key.split(' ')[1] ?? '').replace(/:\w+/g, '[^/]+')}$`).test(http.req.path),
    )
    .map(({ key }) => key.split(' ')[0]);
  if (methods.length === 0) return new HttpError(404, 'no such route');
  return new HttpError(405, 'method not allowed', { headers: { Allow: methods.join(', ') } });
}

function failure(http: Context, error: Error): Response {
  if (error instanceof HttpError) {
    const { status, errcode, message, detail, headers } = error;
    return asJson(http, status, { errcode, errmsg: message, ...(detail && { detail }) }, headers);
  }
  if (error instanceof WeChatError) return asJson(http, STATUS_OF[error.reason], bodyOf(error));
  const requestId: string = http.env.event.requestContext.requestId;
  log.error('unexpected failure', { request_id: requestId, error });
  return asJson(http, 500, { errcode: 500, errmsg: 'internal error', detail: `request ${requestId}` });
}

/** What WeChat refused, or we refused on its behalf, is WeChat's answer: 200, as its own servers send it. */
const STATUS_OF = { refused: 200, unreachable: 502, too_slow: 504 } as const;

const bodyOf = ({ reason, errcode, errmsg, answer, detail }: WeChatError): object => ({
  ...(reason === 'refused' ? { errcode, errmsg, ...answer } : { errcode: STATUS_OF[reason], errmsg }),
  ...(detail && { detail }),
});

function asJson(
  http: Context,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  for (const [name, value] of Object.entries(headers)) http.header(name, value);
  http.header('Content-Type', 'application/json; charset=utf-8');
  http.header('Cache-Control', 'no-store');
  return http.body(writeJson(body), status as 200);
}
