import type { Context } from 'hono';
import * as v from 'valibot';
import { badParameter, HttpError } from './error.ts';

/** Reads what a route takes from a request, or throws the 400, 413 or 415 that names what is wrong. */
export type Input<T> = (request: Context) => Promise<T>;

type Shape = v.GenericSchema;

/** Far above any menu, rule or list of 1,000 openids. */
const LARGEST_BODY_BYTES = 1024 * 1024;
/** No menu, rule or message comes near it; whatever reads a body by recursion can rely on it. */
const DEEPEST_JSON = 32;

export const nothing: Input<undefined> = async () => undefined;

/** The query string. A repeated parameter is refused: which of the two counts would be a guess. */
export const query =
  <S extends Shape>(shape: S): Input<v.InferOutput<S>> =>
  async (request) =>
    checked(shape, once(request.req.queries()));

/** A JSON body, whatever its content type says. */
export const json =
  <S extends Shape>(shape: S): Input<v.InferOutput<S>> =>
  async (request) =>
    checked(shape, parsedJson(await bodyOf(request)));

/**
 * The fields of a form: `multipart/form-data`, `application/x-www-form-urlencoded` or JSON, and for DELETE equally the
 * query string. A field that is repeated, or named `field[]`, becomes a list.
 */
export const form =
  <S extends Shape>(shape: S): Input<v.InferOutput<S>> =>
  async (request) => {
    const inQuery = request.req.method === 'DELETE' ? listed(Object.entries(request.req.queries())) : {};
    return checked(shape, { ...inQuery, ...(await fieldsOf(request)) });
  };

async function fieldsOf(request: Context): Promise<object> {
  const body = await bodyOf(request);
  if (body === '') return {};
  const type = (request.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return objectIn(parsedJson(body));
  if (type !== 'multipart/form-data' && type !== 'application/x-www-form-urlencoded') {
    throw new HttpError(415, 'unsupported media type', {
      detail: 'send multipart/form-data, application/x-www-form-urlencoded or application/json',
    });
  }
  const fields = await request.req.parseBody({ all: true }).catch(() => {
    throw badParameter(`the body is not well-formed ${type}`);
  });
  return listed(Object.entries(fields).map(([name, value]) => [name, [value].flat()]));
}

async function bodyOf(request: Context): Promise<string> {
  const body = await request.req.text();
  if (Buffer.byteLength(body) > LARGEST_BODY_BYTES) {
    throw new HttpError(413, 'body too large', { detail: `at most ${LARGEST_BODY_BYTES} bytes` });
  }
  return body;
}

function parsedJson(body: string): unknown {
  const value = parsed(body);
  if (isDeeper(value, DEEPEST_JSON)) throw badParameter(`the body is nested deeper than ${DEEPEST_JSON} levels`);
  return value;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badParameter('the body is not well-formed JSON');
  }
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)));

function objectIn(value: unknown): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badParameter('the body is not a JSON object');
  return value;
}

const once = (all: Record<string, string[]>): object =>
  Object.fromEntries(
    Object.entries(all).map(([name, values]) => {
      if (values.length > 1) throw badParameter(`${name} is given ${values.length} times`);
      return [name, values[0]];
    }),
  );

/** `a=1` stays one value, `a=1&a=2` and `a[]=1` are lists. */
const listed = (fields: [string, unknown[]][]): object =>
  Object.fromEntries(
    fields.map(([name, values]) =>
      name.endsWith('[]') ? [name.slice(0, -2), values] : [name, values.length > 1 ? values : values[0]],
    ),
  );

function checked<S extends Shape>(shape: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(shape, value, { abortPipeEarly: true });
  if (result.success) return result.output;
  throw badParameter(result.issues.map(inWords).join('; '));
}

const inWords = (issue: v.BaseIssue<unknown>): string => {
  const place = v.getDotPath(issue);
  const isMissing = issue.input === undefined && issue.type !== 'never';
  return [place, isMissing ? 'is missing' : issue.message]
    .filter(Boolean)
    .join(': ')
    .replace(': is missing', ' is missing');
};
