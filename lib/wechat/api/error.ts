import { ERRCODES, meaningOf, type Refusable } from './errcodes.ts';

/** What WeChat answers: its own fields beside `errcode`, which a successful answer may leave out. */
export type WeChatResult = { errcode?: number; errmsg?: string; [field: string]: unknown };

/** `refused`: WeChat (or we in its place) said no. `unreachable`: no answer to be had. `too_slow`: none in time. */
export type Reason = 'refused' | 'unreachable' | 'too_slow';

type Fields = {
  reason: Reason;
  errcode: number;
  errmsg: string;
  path?: string | undefined;
  detail?: string | undefined;
  answer?: WeChatResult | undefined;
};

/**
 * Everything that can go wrong between us and WeChat. `answer` is WeChat's JSON as it came, to be passed on; `detail`
 * says what is wrong, where, and what to do. Holds no token, no secret and nothing of the body that was sent.
 */
export class WeChatError extends Error {
  override readonly name = 'WeChatError';
  readonly reason: Reason;
  readonly errcode: number;
  readonly errmsg: string;
  readonly path: string | undefined;
  readonly detail: string | undefined;
  readonly answer: WeChatResult | undefined;

  constructor({ reason, errcode, errmsg, path, detail, answer }: Fields) {
    super(sentence({ reason, errcode, errmsg, path, detail }));
    this.reason = reason;
    this.errcode = errcode;
    this.errmsg = errmsg;
    this.path = path;
    this.detail = detail;
    this.answer = answer;
  }
}

/** A refusal in WeChat's place and in its words, before it is asked. `detail` names the place and the limit. */
export const refusal = (errcode: Refusable, detail: string): WeChatError =>
  new WeChatError({ reason: 'refused', errcode, errmsg: ERRCODES[errcode].errmsg, detail });

/** Throws a `refusal`. */
export function refuse(errcode: Refusable, detail: string): never {
  throw refusal(errcode, detail);
}

/** WeChat could not be reached, or what answered was not WeChat's JSON. The errcode is the HTTP status, 502. */
export const unreachable = (path: string, detail: string): WeChatError =>
  new WeChatError({ reason: 'unreachable', errcode: 502, errmsg: 'WeChat is unreachable', path, detail });

/** WeChat did not answer in time. The errcode is the HTTP status, 504. */
export const tooSlow = (path: string, detail: string): WeChatError =>
  new WeChatError({ reason: 'too_slow', errcode: 504, errmsg: 'WeChat is too slow', path, detail });

function sentence({ reason, errcode, errmsg, path, detail }: Fields): string {
  const { en, advice } = meaningOf(errcode);
  const said = reason === 'refused' ? `${en} (${errcode} ${errmsg}). ${detail ?? advice.en}` : `${errmsg}. ${detail}`;
  return path === undefined ? said : `${path}: ${said}`;
}
