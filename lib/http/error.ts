import { type Issue, type IssueCode, inWords, MOST_ISSUES } from '../contract/issues.ts';
import { AppError, hasCode } from '../platform/error.ts';

/** The codes of our refusals, by the status of the response. */
const CODES = {
  400: 'BAD_INPUT',
  401: 'NOT_AUTHENTICATED',
  403: 'NOT_PERMITTED',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  409: 'CONFLICT',
  413: 'TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'TOO_MANY_ATTEMPTS',
} as const;

type Status = keyof typeof CODES;

/**
 * A refusal that `endpoint` makes a response: `errcode` is the status unless said otherwise; `detail` says what is wrong,
 * where, and what to do.
 */
export class HttpError extends AppError<(typeof CODES)[Status]> {
  override readonly name = 'HttpError';
  declare readonly status: Status;
  readonly errcode: number;
  readonly detail: string | undefined;
  readonly issues: readonly Issue[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: Status,
    errmsg: string,
    {
      detail,
      errcode = status,
      issues,
      headers = {},
    }: { detail?: string; errcode?: number; issues?: readonly Issue[]; headers?: Record<string, string> } = {},
  ) {
    super(CODES[status], errmsg, { status });
    this.errcode = errcode;
    this.detail = detail;
    this.issues = issues;
    this.headers = headers;
  }
}

export const isHttpError = (thrown: unknown): thrown is HttpError => hasCode(thrown, ...Object.values(CODES));

/** 400 in the words of the original API. The response names the first ten issues and counts the others. */
export function badInput(issues: readonly Issue[], count = issues.length): HttpError {
  const named = issues.slice(0, MOST_ISSUES);
  const unnamed = count - named.length;
  const detail = unnamed > 0 ? `${inWords(named)}; and ${unnamed} more` : inWords(named);
  return new HttpError(400, '参数缺失或参数错误', { errcode: -1, detail, issues: named });
}

/** 400 for one issue; the path is empty for the input as a whole. */
export const badParameter = (path: string, message: string, code: IssueCode = 'invalid_value'): HttpError =>
  badInput([{ path, code, message }]);

/** 429; `seconds` from now the next attempt is allowed. */
export const tooManyAttempts = (seconds: number): HttpError =>
  new HttpError(429, 'too many attempts', {
    detail: `try again in ${inTime(seconds)}`,
    headers: { 'Retry-After': String(seconds) },
  });

const inTime = (seconds: number): string => {
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 60) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
};
