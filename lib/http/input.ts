import type { Context } from 'hono';
import * as v from 'valibot';
import type { Contract, InputOf, PassedOn, Strict } from '../contract/contract.ts';
import { checkShape, pathOf } from '../contract/issues.ts';
import { bodyOf, fieldsOf, jsonIn, listed, parametersIn } from './body.ts';
import { badInput, badParameter } from './error.ts';

/**
 * The input of a route, by its contract. Nothing is dropped in silence: an unknown parameter or field is refused, also
 * by a route without input.
 * @throws HttpError 400, 413 or 415, which names what is wrong
 */
export async function inputOf<C extends Contract>(contract: C, request: Context): Promise<InputOf<C>> {
  return (await read(contract, request)) as InputOf<C>;
}

function read({ query, json, form, largest }: Contract, request: Context): Promise<unknown> {
  if (json) return inJson(json, request, largest);
  if (form) return inForm(form, request);
  return query ? inQuery(query, request) : nothing(request);
}

/** A repeated parameter is refused: which of the two counts would be a guess. */
async function inQuery(shape: Strict, request: Context): Promise<unknown> {
  await noFields(request);
  return checked(shape, once(parametersOf(request)));
}

async function inJson(shape: Strict | PassedOn, request: Context, largest: number | undefined): Promise<unknown> {
  noParameters(request);
  const { text } = bodyOf(request, largest);
  return checked(shape, jsonIn(text, shape.type === 'loose_object' ? 64 : 53));
}

async function inForm(shape: Strict, request: Context): Promise<unknown> {
  if (request.req.method !== 'DELETE') noParameters(request);
  const inQuery = listed(parametersOf(request));
  const inBody = await fieldsOf(bodyOf(request));
  const twice = Object.keys(inQuery).find((name) => Object.hasOwn(inBody, name));
  if (twice !== undefined) throw badParameter(pathOf([twice]), 'is given in the query and in the body', 'duplicate');
  return checked(shape, { ...inQuery, ...inBody });
}

async function nothing(request: Context): Promise<undefined> {
  noParameters(request);
  await noFields(request);
}

const Nothing = v.strictObject({});

const parametersOf = (request: Context): [string, string][] => parametersIn(request.env.event.rawQueryString ?? '');

function noParameters(request: Context): void {
  checked(Nothing, Object.fromEntries(parametersOf(request)));
}

async function noFields(request: Context): Promise<void> {
  checked(Nothing, await fieldsOf(bodyOf(request)));
}

function once(pairs: readonly (readonly [string, string])[]): object {
  const values = new Map<string, number>();
  for (const [name] of pairs) values.set(name, (values.get(name) ?? 0) + 1);
  const repeated = [...values].filter(([, times]) => times > 1);
  if (repeated.length === 0) return Object.fromEntries(pairs);
  throw badInput(
    repeated.map(([name, times]) => ({ path: pathOf([name]), code: 'duplicate', message: `is given ${times} times` })),
  );
}

function checked<S extends v.GenericSchema>(shape: S, value: unknown): v.InferOutput<S> {
  const result = checkShape(shape, value);
  if (result.ok) return result.value;
  throw badInput(result.issues, result.count);
}
