import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';

import type { Route } from '../../lib/http/endpoint.ts';
import { mustFit } from './contract.ts';

type Sent = {
  query?: Record<string, string> | string;
  headers?: Record<string, string>;
  /** Text, bytes (handed over as base64, as API Gateway does with multipart), or a value to send as JSON. */
  body?: unknown;
  token?: string;
  cookies?: string[];
  address?: string;
  time?: number;
};

type Handler = ((event: APIGatewayProxyEventV2, context: Context) => Promise<unknown>) & {
  readonly routes?: readonly Route[];
};

/** The event that API Gateway makes of a request, payload 2.0: `event('PUT /api/v0.1/cgi-bin/tags', { body })`. */
export function event(request: string, sent: Sent = {}): APIGatewayProxyEventV2 {
  const [method = 'GET', path = '/'] = request.split(' ');
  const rawQueryString = typeof sent.query === 'string' ? sent.query : new URLSearchParams(sent.query).toString();
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    query.set(name, query.has(name) ? `${query.get(name)},${value}` : value);
  }
  return {
    version: '2.0',
    routeKey: request,
    rawPath: path,
    rawQueryString,
    ...(query.size > 0 && { queryStringParameters: Object.fromEntries(query) }),
    headers: {
      host: 'api.example.com',
      ...contentOf(sent.body).type,
      ...(sent.token && { authorization: `Bearer ${sent.token}` }),
      ...sent.headers,
    },
    ...(sent.cookies && { cookies: sent.cookies }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'test',
      domainName: 'api.example.com',
      domainPrefix: 'api',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: sent.address ?? '203.0.113.7', userAgent: 'jest' },
      requestId: 'request-1',
      routeKey: request,
      stage: '$default',
      time: '',
      timeEpoch: sent.time ?? Date.now(),
    },
    ...contentOf(sent.body).content,
    isBase64Encoded: Buffer.isBuffer(sent.body),
  };
}

function contentOf(body: unknown): { type?: Record<string, string>; content?: { body: string } } {
  if (body === undefined) return {};
  if (Buffer.isBuffer(body)) return { content: { body: body.toString('base64') } };
  if (typeof body === 'string') return { content: { body } };
  if (body instanceof URLSearchParams) {
    return { type: { 'content-type': 'application/x-www-form-urlencoded' }, content: { body: body.toString() } };
  }
  return { type: { 'content-type': 'application/json' }, content: { body: JSON.stringify(body) } };
}

/**
 * Calls a handler as API Gateway would. `json` is the body read as JSON, or undefined if it is none. The response of an
 * endpoint must fit the contract of its route.
 */
export async function call(handler: Handler, request: string, sent: Sent = {}) {
  const made = event(request, sent);
  const result = (await handler(made, {
    awsRequestId: made.requestContext.requestId,
  } as Context)) as APIGatewayProxyStructuredResultV2;
  const response = {
    status: result.statusCode,
    headers: result.headers ?? {},
    cookies: result.cookies ?? [],
    body: result.body ?? '',
    json: jsonIn(result.body),
  };
  if (handler.routes) mustFit(handler.routes, made.requestContext.http, response);
  return response;
}

function jsonIn(body = ''): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A form as a browser or curl sends it, encoded as `multipart/form-data`. */
export async function multipart(
  fields: [name: string, value: string][],
): Promise<{ body: Buffer; headers: Record<string, string> }> {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  const response = new Response(form);
  return {
    body: Buffer.from(await response.arrayBuffer()),
    headers: { 'content-type': response.headers.get('content-type') ?? '' },
  };
}
