import * as v from 'valibot';
import { Issue, MOST_ISSUES } from './issues.ts';

/** The bodies of responses that report a failure. */

const detail = v.exactOptional(v.pipe(v.string(), v.description('What is wrong, where, and what to do.')));

/** With status 400. */
export const BadInput = v.strictObject({
  errcode: v.literal(-1),
  errmsg: v.literal('参数缺失或参数错误'),
  detail: v.string(),
  issues: v.pipe(v.array(Issue), v.minLength(1), v.maxLength(MOST_ISSUES)),
});

/** With any other status but 200, which `errcode` repeats. */
export const Failure = v.strictObject({
  errcode: v.pipe(v.number(), v.minValue(401), v.maxValue(599)),
  errmsg: v.string(),
  detail,
});

/** With status 200: WeChat refused, or we in its place; further fields are WeChat's. */
export const WeChatRefusal = v.looseObject({
  errcode: v.pipe(v.number(), v.integer(), v.notValue(0)),
  errmsg: v.string(),
  detail,
});

export const Done = v.strictObject({ errcode: v.literal(0), errmsg: v.literal('ok') });
