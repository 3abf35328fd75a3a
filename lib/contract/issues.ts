import * as v from 'valibot';

/** The issues of an input, each with its place. */

const ISSUE_CODES = [
  'missing',
  'unknown',
  'duplicate',
  'invalid_type',
  'invalid_value',
  'malformed',
  'unsupported',
] as const;

/** One problem. `path` is written as WeChat's JSON is, `button[0].name`; empty for the input as a whole. */
export const Issue = v.strictObject({
  path: v.string(),
  code: v.picklist(ISSUE_CODES),
  message: v.string(),
});

export type IssueCode = (typeof ISSUE_CODES)[number];
export type Issue = v.InferOutput<typeof Issue>;

/** A value of the shape; or the first issues, and how many there are in all. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[]; readonly count: number };

/** The most issues in one response. */
export const MOST_ISSUES = 10;
const LONGEST_NAME = 64;
const LONGEST_TEXT = 300;

export const NO_OBJECT = 'the body is not a JSON object';

/** Reads a value by its shape. */
export function checkShape<S extends v.GenericSchema>(shape: S, value: unknown): Checked<v.InferOutput<S>> {
  if (Array.isArray(value)) return refused(wholly(NO_OBJECT));
  const result = v.safeParse(shape, value, { abortPipeEarly: true });
  if (result.success) return { ok: true, value: result.output };
  const unknown = unknownFields(shape, value);
  const others = result.issues.filter((issue) => !isUnknown(issue) || issue.path?.length !== 1);
  const issues = [...unknown, ...others.slice(0, MOST_ISSUES).map(issueOf)].slice(0, MOST_ISSUES);
  return { ok: false, issues, count: unknown.length + others.length };
}

/** One issue. */
export const refused = (issue: Issue): Checked<never> => ({ ok: false, issues: [issue], count: 1 });

/** The value, unless there is an issue. */
export const unless = <T>(issues: readonly Issue[], value: T): Checked<T> =>
  issues.length === 0 ? { ok: true, value } : { ok: false, issues: issues.slice(0, MOST_ISSUES), count: issues.length };

/** An issue of a value that has the right shape. */
export const invalid = (path: string, message: string): Issue => ({ path, code: 'invalid_value', message });

/** In words, each problem with its place: `tagid is missing; name: must be a string`. */
export const inWords = (issues: readonly Issue[]): string => issues.map(sentence).join('; ');

function sentence({ path, message }: Issue): string {
  if (path === '') return message;
  return /^(is|has|equals) /.test(message) ? `${path} ${message}` : `${path}: ${message}`;
}

/** Valibot reports the first alone. */
function unknownFields(shape: v.GenericSchema, value: unknown): Issue[] {
  const { entries, type } = shape as { entries?: object; type: string };
  if (type !== 'strict_object' || entries === undefined || typeof value !== 'object' || value === null) return [];
  const known = Object.keys(entries);
  return Object.keys(value)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: pathOf([name]),
      code: 'unknown',
      message:
        known.length === 0 ? 'is unknown: no field is accepted here' : `is unknown (allowed: ${known.join(', ')})`,
    }));
}

const isUnknown = (issue: v.BaseIssue<unknown>): boolean =>
  issue.expected === 'never' && issue.type === 'strict_object';

function issueOf(issue: v.BaseIssue<unknown>): Issue {
  const path = pathOf((issue.path ?? []).map(({ key }) => key));
  if (path === '' && issue.expected === 'Object') return wholly(NO_OBJECT);
  if (isUnknown(issue)) return { path, code: 'unknown', message: 'is unknown' };
  if (issue.input === undefined) return { path, code: 'missing', message: 'is missing' };
  return { path, code: codeOf(issue), message: cut(messageOf(issue), LONGEST_TEXT) };
}

const wholly = (message: string): Issue => ({ path: '', code: 'invalid_type', message });

const ONE_OF_SEVERAL: readonly string[] = ['picklist', 'literal', 'variant'];

const codeOf = ({ kind, type }: v.BaseIssue<unknown>): IssueCode =>
  kind === 'schema' && !ONE_OF_SEVERAL.includes(type) ? 'invalid_type' : 'invalid_value';

const messageOf = ({ message, expected }: v.BaseIssue<unknown>): string =>
  expected === 'Object' ? 'must be an object' : message;

/** `condition.any_of[0].value`. A name that is no word is written in quotes, unless it stands alone. */
export function pathOf(keys: readonly unknown[]): string {
  const path = keys.map((key, depth) => (typeof key === 'number' ? `[${key}]` : named(String(key), depth))).join('');
  return cut(path.replace(/^\./, ''), LONGEST_TEXT);
}

const named = (key: string, depth: number): string =>
  key !== '' && (depth === 0 || /^[\p{L}\p{N}_-]+$/u.test(key))
    ? `.${cut(key, LONGEST_NAME)}`
    : `[${JSON.stringify(cut(key, LONGEST_NAME))}]`;

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most).replace(/\p{Surrogate}$/u, '')}…` : text;
