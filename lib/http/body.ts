import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Context } from 'hono';
import { parse } from 'lossless-json';
import { type Issue, MOST_ISSUES, NO_OBJECT, pathOf } from '../contract/issues.ts';
import { badInput, badParameter, HttpError, isHttpError } from './error.ts';

/**
 * API Gateway's event with its body beside it: the web's `Request` refuses to be made with the body of a GET. Without a
 * body it is undefined on AWS and null under serverless-offline.
 */
export type Received = APIGatewayProxyEventV2 & { readonly sent: string | null | undefined };

/** A body that is UTF-8, as it was sent. */
export type Body = { readonly text: string; readonly bytes: Uint8Array<ArrayBuffer>; readonly contentType: string };

/** Names with values, as they were sent; the value of a form's file is not a string. */
export type Pairs = readonly (readonly [name: string, value: unknown])[];

/** Far above any menu, rule or list of 1,000 openids. */
const LARGEST_BODY_BYTES = 1024 * 1024;
/** Far above any menu, rule or message; recursive readers of a body rely on it. */
const DEEPEST_JSON = 32;

const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data';

/** The replacement character: a gateway that decodes a body leaves it for bytes that were not UTF-8. */
const REPLACED = '\uFFFD';

/** UTF-8 and its subsets. */
const CHARSETS: readonly string[] = ['utf-8', 'utf8', 'us-ascii', 'ascii'];

/** @throws HttpError 413 when it is too large, 415 when its charset is not UTF-8, 400 when its bytes are not */
export function bodyOf(request: Context, largest = LARGEST_BODY_BYTES): Body {
  const event: Received = request.env.event;
  const { isBase64Encoded } = event;
  const sent = event.sent ?? '';
  const bytes = new Uint8Array(Buffer.from(sent, isBase64Encoded ? 'base64' : 'utf8'));
  if (bytes.length > largest) throw new HttpError(413, 'body too large', { detail: `at most ${largest} bytes` });
  const contentType = request.req.header('content-type') ?? '';
  if (bytes.length > 0) mustBeUtf8(contentType);
  if (!isUtf8(bytes) || (!isBase64Encoded && sent.includes(REPLACED))) throw notUtf8('the body');
  return { text: new TextDecoder().decode(bytes), bytes, contentType };
}

function mustBeUtf8(contentType: string): void {
  for (const [, charset = ''] of contentType.matchAll(/;\s*charset\s*=\s*["']?([^"';\s]*)/gi)) {
    if (charset === '' || CHARSETS.includes(charset.toLowerCase())) continue;
    throw new HttpError(415, 'unsupported media type', {
      detail: `the charset ${charset.slice(0, 32)} is not supported: send UTF-8`,
    });
  }
}

const notUtf8 = (place: string): HttpError => badParameter('', `${place} is not UTF-8`, 'malformed');

/**
 * The fields of a form, whatever its encoding: `multipart/form-data`, `application/x-www-form-urlencoded`, or JSON,
 * which is recognized by its first character, since many clients send it as a form.
 */
export async function fieldsOf(body: Body): Promise<object> {
  const { text, contentType } = body;
  if (text === '') return {};
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json' || /^\s*[{[]/.test(text)) return objectIn(jsonIn(text));
  if (type === MULTIPART) return listed(await partsIn(body));
  if (type === FORM) return listed(pairsIn(text, 'the body'));
  throw new HttpError(415, 'unsupported media type', { detail: `send ${MULTIPART}, ${FORM} or application/json` });
}

function objectIn(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw badParameter('', NO_OBJECT, 'invalid_type');
}

/** The parameters of a query string, which a gateway may have decoded and encoded anew. */
export function parametersIn(query: string): [string, string][] {
  const pairs = pairsIn(query, 'the query');
  if (pairs.flat().some((text) => text.includes(REPLACED))) throw notUtf8('the query');
  return pairs;
}

function pairsIn(text: string, place: string): [string, string][] {
  if (!isUtf8(percentDecoded(text))) throw notUtf8(place);
  return [...new URLSearchParams(text)];
}

const percentDecoded = (text: string): Buffer =>
  Buffer.from(
    Buffer.from(text)
      .toString('latin1')
      .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

async function partsIn({ bytes, text, contentType }: Body): Promise<Pairs> {
  const [, boundary = ''] = /boundary="?([^";]+)/i.exec(contentType) ?? [];
  if (boundary !== '') for (const headers of headersOfParts(text, boundary)) mustBeUtf8(headers);
  const form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData().catch(() => {
    throw badParameter('', `the body is not well-formed ${MULTIPART}`, 'malformed');
  });
  return [...form];
}

const headersOfParts = (text: string, boundary: string): string[] =>
  text.split(`--${boundary}`).map((part) => part.split('\r\n\r\n', 1)[0] ?? '');

const ENTRY = /^([^[\]]+)\[(\d{0,9})\]$/;

type Entry = { readonly index?: string | undefined; readonly value: unknown };

/** `a=1` stays one value; `a=1&a=2`, `a[]=1` and `a[0]=1` are lists. Two ways at once are refused. */
export function listed(pairs: Pairs): Record<string, unknown> {
  const fields = new Map<string, Entry[]>();
  for (const [spelling, value] of pairs) {
    const [, name = spelling, index] = ENTRY.exec(spelling) ?? [];
    const entries = fields.get(name);
    if (entries) entries.push({ index, value });
    else fields.set(name, [{ index, value }]);
  }
  return Object.fromEntries([...fields].map(([name, entries]) => [name, listOrValue(name, entries)]));
}

function listOrValue(name: string, entries: readonly Entry[]): unknown {
  const ways = new Set(entries.map(({ index }) => spelled(name, index)));
  if (ways.size > 1) throw badParameter(pathOf([name]), `is given as ${[...ways].join(' and as ')}`, 'duplicate');
  if (entries[0]?.index === undefined)
    return entries.length > 1 ? entries.map(({ value }) => value) : entries[0]?.value;
  return entries[0].index === '' ? entries.map(({ value }) => value) : numbered(name, entries);
}

const spelled = (name: string, index: string | undefined): string => {
  if (index === undefined) return pathOf([name]);
  return `${pathOf([name])}${index === '' ? '[]' : '[0]'}`;
};

/** The entries in the order of their indexes, which may have gaps: PHP sends arrays with removed entries so. */
function numbered(name: string, entries: readonly Entry[]): unknown[] {
  const byNumber = new Map(entries.map(({ index, value }) => [Number(index), value]));
  if (byNumber.size < entries.length)
    throw badParameter(pathOf([name]), 'has two entries with the same index', 'duplicate');
  return [...byNumber].sort(([a], [b]) => a - b).map(([, value]) => value);
}

/**
 * Reads JSON.
 * @throws HttpError 400 for a field that is given twice with different values, and for what cannot be stored unchanged:
 * numbers of more than `bits` bits, lone surrogates, names that are empty or belong to JavaScript's objects
 */
export function jsonIn(text: string, bits = 53): unknown {
  if (depthOf(text) > DEEPEST_JSON) {
    throw badParameter('', `the body is nested deeper than ${DEEPEST_JSON} levels`, 'malformed');
  }
  const value = parsed(text, 2 ** bits);
  const issues = [...issuesIn(value, [])];
  if (issues.length > 0) throw badInput(issues.slice(0, MOST_ISSUES), issues.length);
  return value;
}

function parsed(text: string, limit: number): unknown {
  try {
    return parse(text, undefined, {
      parseNumber: (digits) => numberOf(digits, limit),
      onDuplicateKey: ({ key }) => {
        throw badParameter(pathOf([key]), 'is given twice', 'duplicate');
      },
    });
  } catch (error) {
    if (isHttpError(error)) throw error;
    throw badParameter('', 'the body is not well-formed JSON', 'malformed');
  }
}

/** An integer beyond 2^53 stays exact, as a bigint. */
function numberOf(digits: string, limit: number): number | bigint {
  const number = Number(digits);
  const isLost = number === 0 && /[1-9]/.test(digits.split(/e/i)[0] ?? '');
  if (Math.abs(number) >= limit || isLost) {
    throw badParameter('', `the number ${digits.slice(0, 32)} is too large or too small`, 'invalid_value');
  }
  return Number.isSafeInteger(number) || !/^-?\d+$/.test(digits) ? number : BigInt(digits);
}

function depthOf(json: string): number {
  let [depth, deepest, isText] = [0, 0, false];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (isText && character === '\\') at++;
    else if (character === '"') isText = !isText;
    else if (!isText && (character === '{' || character === '[')) deepest = Math.max(deepest, ++depth);
    else if (!isText && (character === '}' || character === ']')) depth--;
  }
  return deepest;
}

function* issuesIn(value: unknown, path: readonly unknown[]): Generator<Issue> {
  if (typeof value === 'string') {
    if (hasHalf(value))
      yield { path: pathOf(path), code: 'malformed', message: 'has half an emoji (a lone surrogate)' };
  } else if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) yield* issuesIn(each, [...path, index]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, each] of Object.entries(value)) {
      if (isUsable(name)) yield* issuesIn(each, [...path, name]);
      else yield { path: pathOf([...path, name]), code: 'unknown', message: 'is not a valid field name' };
    }
  }
}

const hasHalf = (text: string): boolean => /\p{Surrogate}/u.test(text);

const isUsable = (name: string): boolean => name !== '' && !hasHalf(name) && !Object.hasOwn(Object.prototype, name);
