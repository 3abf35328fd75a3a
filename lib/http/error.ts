import { type Issue, type IssueCode, inWords, MOST_ISSUES } from '../contract/issues.ts';

/** Thrown where the fault is known; `endpoint` makes it the response. `errcode` is the status unless said otherwise. */
export class HttpError extends Error {
  readonly status: number;
  readonly errcode: number;
  readonly detail: string | undefined;
  readonly issues: readonly Issue[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    errmsg: string,
    {
      detail,
      errcode = status,
      issues,
      headers = {},
    }: { detail?: string; errcode?: number; issues?: readonly Issue[]; headers?: Record<string, string> } = {},
  ) {
    super(errmsg);
    this.name = 'HttpError';
    this.status = status;
    this.errcode = errcode;
    this.detail = detail;
    this.issues = issues;
    this.headers = headers;
  }
}

/** Input that is missing or wrong, in the words of the original API. The first ten issues are told, the others counted. */
export function badInput(issues: readonly Issue[], count = issues.length): HttpError {
  const told = issues.slice(0, MOST_ISSUES);
  const untold = count - told.length;
  const detail = untold > 0 ? `${inWords(told)}; and ${untold} more` : inWords(told);
  return new HttpError(400, '参数缺失或参数错误', { errcode: -1, detail, issues: told });
}

/** The same of one place; the path is empty for the input as a whole. */
export const badParameter = (path: string, message: string, code: IssueCode = 'invalid_value'): HttpError =>
  badInput([{ path, code, message }]);

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
