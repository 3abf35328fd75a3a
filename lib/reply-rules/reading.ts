import * as v from 'valibot';

/** What was read, or in words what is wrong with it, each problem with its place. */
export type Read<T> = { readonly value: T } | { readonly problem: string };

const NO_OBJECT = 'the body is not a JSON object';

/** Reads a value by its shape. Places are written as WeChat's JSON is: `answer.articles[1].title`. */
export function readAs<S extends v.GenericSchema>(shape: S, value: unknown): Read<v.InferOutput<S>> {
  if (Array.isArray(value)) return { problem: NO_OBJECT };
  const result = v.safeParse(shape, value, { abortPipeEarly: true });
  return result.success ? { value: result.output } : { problem: together(result.issues.map(inWords)) };
}

const MOST_PROBLEMS = 10;

/** Ten problems at most, and how many more there are: no refusal is larger than its cause deserves. */
export function together(problems: readonly string[]): string {
  const more = problems.length - MOST_PROBLEMS;
  return [...problems.slice(0, MOST_PROBLEMS), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function inWords(issue: v.BaseIssue<unknown>): string {
  const place = placeOf(issue.path ?? []);
  if (place === '') return NO_OBJECT;
  if (issue.expected === 'never') return `${place} is unknown`;
  return `${place} ${issue.input === undefined ? 'is missing' : wordsOf(issue)}`;
}

const wordsOf = ({ message, expected }: v.BaseIssue<unknown>): string =>
  expected === 'Object' ? 'must be an object' : message;

const placeOf = (path: readonly v.IssuePathItem[]): string =>
  path
    .map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
