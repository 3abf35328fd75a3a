import type { Context } from 'hono';
import * as v from 'valibot';
import { type Checked, checkShape, pathOf } from '../contract/issues.ts';
import { bodyOf, fieldsOf, jsonIn, listed, pairsIn } from './body.ts';
import { badInput, badParameter } from './error.ts';

/**
 * What a route takes. Nothing is dropped in silence: a parameter or field that the shape does not name is refused, also
 * where nothing is taken. `read` throws the 400, 413 or 415 that names what is wrong.
 */
export type Input<T> = { readonly read: (request: Context) => Promise<T> };

/** Refuses unknown fields. */
type Strict = v.GenericSchema & { readonly type: 'strict_object' };
/** Leaves unknown fields in: of a body that is passed on to WeChat. */
type PassedOn = v.GenericSchema & { readonly type: 'loose_object' };

const Nothing = v.strictObject({});

export const nothing: Input<undefined> = {
  async read(request) {
    noParameters(request);
    await noFields(request);
  },
};

/** The query string. A repeated parameter is refused: which of the two counts would be a guess. */
export const query = <S extends Strict>(shape: S): Input<v.InferOutput<S>> => ({
  async read(request) {
    await noFields(request);
    return mustBe(checkShape(shape, once(parametersOf(request))));
  },
});

/** A JSON body, whatever its content type says; of at most so many bytes. */
export const json = <S extends Strict | PassedOn>(shape: S, largest?: number): Input<v.InferOutput<S>> => ({
  async read(request) {
    noParameters(request);
    const { text } = bodyOf(request, largest);
    return mustBe(checkShape(shape, jsonIn(text, shape.type === 'loose_object' ? 64 : 53)));
  },
});

/** The fields of a form: multipart, urlencoded or JSON, and for DELETE equally the query string. */
export const form = <S extends Strict>(shape: S): Input<v.InferOutput<S>> => ({
  async read(request) {
    if (request.req.method !== 'DELETE') noParameters(request);
    const inQuery = listed(parametersOf(request));
    const inBody = await fieldsOf(bodyOf(request));
    const twice = Object.keys(inQuery).find((name) => Object.hasOwn(inBody, name));
    if (twice !== undefined) throw badParameter(pathOf([twice]), 'is given in the query and in the body', 'duplicate');
    return mustBe(checkShape(shape, { ...inQuery, ...inBody }));
  },
});

/** What a route makes of what it takes, beside the path and the headers. */
export const refine = <T, U>(input: Input<T>, refined: (value: T, request: Context) => U | Promise<U>): Input<U> => ({
  read: async (request) => refined(await input.read(request), request),
});

const parametersOf = (request: Context): [string, string][] =>
  pairsIn(request.env.event.rawQueryString ?? '', 'the query');

function noParameters(request: Context): void {
  mustBe(checkShape(Nothing, Object.fromEntries(parametersOf(request))));
}

async function noFields(request: Context): Promise<void> {
  mustBe(checkShape(Nothing, await fieldsOf(bodyOf(request))));
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

function mustBe<T>(checked: Checked<T>): T {
  if (checked.ok) return checked.value;
  throw badInput(checked.issues, checked.count);
}
