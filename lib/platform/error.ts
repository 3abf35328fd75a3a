type Details = { readonly status?: number; readonly hint?: string | undefined; readonly cause?: unknown };

/**
 * An error that is known by its code, which stays the same between versions: callers, logs and alarms test the code, not
 * the class and not the text. `status` is the HTTP status of a response to it, `hint` what to do about it.
 */
export class AppError<Code extends string = string> extends Error {
  override readonly name: string = 'AppError';
  readonly code: Code;
  readonly status: number | undefined;
  readonly hint: string | undefined;

  constructor(code: Code, message: string, { status, hint, cause }: Details = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.hint = hint;
  }
}

/** The code of what was thrown; undefined if nobody expected it. */
export const codeOf = (thrown: unknown): string | undefined => (thrown instanceof AppError ? thrown.code : undefined);

/** The HTTP status of what was thrown, if it has one. */
export const statusOf = (thrown: unknown): number | undefined =>
  thrown instanceof AppError ? thrown.status : undefined;

/** True if a thrown value has one of these codes. */
export const hasCode = <Code extends string>(thrown: unknown, ...codes: readonly Code[]): thrown is AppError<Code> =>
  codes.some((code) => code === codeOf(thrown));
