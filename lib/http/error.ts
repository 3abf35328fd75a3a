/** Thrown where the fault is known; `endpoint` makes it the answer. `errcode` is the status unless said otherwise. */
export class HttpError extends Error {
  readonly status: number;
  readonly errcode: number;
  readonly detail: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    errmsg: string,
    {
      detail,
      errcode = status,
      headers = {},
    }: { detail?: string; errcode?: number; headers?: Record<string, string> } = {},
  ) {
    super(errmsg);
    this.name = 'HttpError';
    this.status = status;
    this.errcode = errcode;
    this.detail = detail;
    this.headers = headers;
  }
}

/** A missing or malformed parameter, in the words of the original API. `detail` names the place. */
export const badParameter = (detail: string): HttpError =>
  new HttpError(400, '参数缺失或参数错误', { errcode: -1, detail });

export const tooManyAttempts = (seconds: number): HttpError =>
  new HttpError(429, 'too many attempts', {
    detail: `try again in ${inWords(seconds)}`,
    headers: { 'Retry-After': String(seconds) },
  });

const inWords = (seconds: number): string => {
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 60) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
};
