import * as v from 'valibot';
import { BadInput, Failure } from '../../lib/contract/failures.ts';
import { BASE_PATH, type Route } from '../../lib/http/endpoint.ts';

/** Fails the test whose request got a response that its route's contract does not allow. */
export function mustFit(
  routes: readonly Route[],
  request: { readonly method: string; readonly path: string },
  response: { readonly status: number | undefined; readonly json: unknown },
): void {
  const route = routes.find(({ key }) => isFor(key, request));
  const result = v.safeParse(shapeOf(route, response.status), response.json);
  if (result.success) return;
  const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? ''} ${issue.message}`);
  throw new Error(
    `${request.method} ${request.path}: the response does not fit its contract: ${problems.join('; ')}\n${response.status} ${JSON.stringify(response.json)}`,
  );
}

function shapeOf(route: Route | undefined, status: number | undefined): v.GenericSchema {
  if (status === 200 && route !== undefined) return route.contract.response;
  return status === 400 ? BadInput : v.strictObject({ ...Failure.entries, errcode: v.literal(status ?? 0) });
}

function isFor(key: string, { method, path }: { method: string; path: string }): boolean {
  const [of, pattern = ''] = key.split(' ');
  const [here, there] = [`${BASE_PATH}${pattern}`.split('/'), path.split('/')];
  return (
    of === method && here.length === there.length && here.every((part, at) => part === there[at] || /^\{/.test(part))
  );
}
