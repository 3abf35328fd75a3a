import * as v from 'valibot';
import type { Contract, InputOf, PassedOn, Strict } from '../../lib/contract/contract.ts';
import { type Request, type Route, routesOf } from '../../lib/http/endpoint.ts';
import type { Access } from '../../lib/http/guard.ts';

/** Routes that only tests know; they may return anything. */

export type RouteInput = Omit<Contract, 'response'>;
type Returned = { readonly response: v.UnknownSchema };

export const nothing = {};
export const query = <S extends Strict>(query: S) => ({ query });
export const json = <S extends Strict | PassedOn>(json: S) => ({ json });
export const form = <S extends Strict>(form: S) => ({ form });

export function route<T extends RouteInput, A extends Access>(
  key: string,
  access: A,
  taken: T,
  answer: (input: InputOf<T & Returned>, request: Request<A>) => unknown,
  target?: (input: InputOf<T & Returned>) => string | number | undefined,
): Route {
  const contract: T & Returned = { ...taken, response: v.unknown() };
  return routesOf({ [key]: contract })(key, access, answer as never, target);
}
