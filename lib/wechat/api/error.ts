import { AppError, hasCode } from '../../platform/error.ts';
import { ERRCODES, meaningOf, type Refusable } from './errcodes.ts';

/** The JSON of a call's result: fields beside `errcode`, which a successful result may leave out. */
export type WeChatResult = { errcode?: number; errmsg?: string; [field: string]: unknown };

/** `refused`: by WeChat, or by us in its place. `unreachable`: no result to be had. `too_slow`: none in time. */
export type Reason = 'refused' | 'unreachable' | 'too_slow';

/** The code of each reason, and the HTTP status: WeChat's own servers send a refusal with 200. */
const REASONS = {
  refused: { code: 'WECHAT_REFUSED', status: 200 },
  unreachable: { code: 'WECHAT_UNREACHABLE', status: 502 },
  too_slow: { code: 'WECHAT_TOO_SLOW', status: 504 },
} as const satisfies Record<Reason, { code: string; status: number }>;

type Code = (typeof REASONS)[Reason]['code'];

type Fields = {
  reason: Reason;
  errcode: number;
  errmsg: string;
  path?: string | undefined;
  detail?: string | undefined;
  result?: WeChatResult | undefined;
};

/**
 * A call of WeChat's API that failed. `result` is WeChat's JSON as it came, to be passed on; `detail` says what is wrong,
 * where, and what to do. Holds no token, no secret and nothing of the body that was sent.
 */
export class WeChatError extends AppError<Code> {
  override readonly name = 'WeChatError';
  declare readonly status: (typeof REASONS)[Reason]['status'];
  readonly reason: Reason;
  readonly errcode: number;
  readonly errmsg: string;
  readonly path: string | undefined;
  readonly detail: string | undefined;
  readonly result: WeChatResult | undefined;

  constructor({ reason, errcode, errmsg, path, detail, result }: Fields) {
    const { code, status } = REASONS[reason];
    super(code, sentence({ reason, errcode, errmsg, path, detail }), { status });
    this.reason = reason;
    this.errcode = errcode;
    this.errmsg = errmsg;
    this.path = path;
    this.detail = detail;
    this.result = result;
  }
}

export const isWeChatError = (thrown: unknown): thrown is WeChatError =>
  hasCode(thrown, ...Object.values(REASONS).map(({ code }) => code));

/** A refusal in WeChat's place and in its words, before it is called. `detail` names the place and the limit. */
export const refusal = (errcode: Refusable, detail: string): WeChatError =>
  new WeChatError({ reason: 'refused', errcode, errmsg: ERRCODES[errcode].errmsg, detail });

/** @throws WeChatError the `refusal` */
export function refuse(errcode: Refusable, detail: string): never {
  throw refusal(errcode, detail);
}

/** WeChat could not be reached, or the response was not WeChat's JSON. The errcode is the HTTP status, 502. */
export const unreachable = (path: string, detail: string): WeChatError =>
  new WeChatError({ reason: 'unreachable', errcode: 502, errmsg: 'WeChat is unreachable', path, detail });

/** WeChat sent no result in time. The errcode is the HTTP status, 504. */
export const tooSlow = (path: string, detail: string): WeChatError =>
  new WeChatError({ reason: 'too_slow', errcode: 504, errmsg: 'WeChat is too slow', path, detail });

function sentence({ reason, errcode, errmsg, path, detail }: Fields): string {
  const { en, advice } = meaningOf(errcode);
  const text = reason === 'refused' ? `${en} (${errcode} ${errmsg}). ${detail ?? advice.en}` : `${errmsg}. ${detail}`;
  return path === undefined ? text : `${path}: ${text}`;
}
