import type * as v from 'valibot';

/** Refuses unknown fields. */
export type Strict = v.GenericSchema & { readonly type: 'strict_object' };

/** Leaves unknown fields in: of a body that is passed on to WeChat. */
export type PassedOn = v.GenericSchema & { readonly type: 'loose_object' };

/** The input and response of a route. Fields that it does not name are refused. */
export type Contract = {
  /** Headers that mean something beside those of every request. */
  readonly headers?: v.GenericSchema & { readonly type: 'object' };
  /** The query string. */
  readonly query?: Strict;
  /** A JSON body, with any content type. */
  readonly json?: Strict | PassedOn;
  /** The largest body in bytes, if smaller than a mebibyte. */
  readonly largest?: number;
  /** A body that is multipart, urlencoded or JSON; of DELETE equally the query string. */
  readonly form?: Strict;
  /** The body of a response with status 200. */
  readonly response: v.GenericSchema;
};

/** Contracts by route, as API Gateway spells it, without the base path: `PUT /operators/{username}`. */
export type Contracts = Readonly<Record<string, Contract>>;

export type InputOf<C extends Contract> = C extends { readonly query: infer S extends Strict }
  ? v.InferOutput<S>
  : C extends { readonly json: infer S extends Strict | PassedOn }
    ? v.InferOutput<S>
    : C extends { readonly form: infer S extends Strict }
      ? v.InferOutput<S>
      : undefined;

/** The return type of a handler. */
export type ResponseOf<C extends Contract> = Unchanged<v.InferInput<C['response']>>;

type Unchanged<T> = T extends readonly (infer E)[]
  ? readonly Unchanged<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Unchanged<T[K]> }
    : T;
