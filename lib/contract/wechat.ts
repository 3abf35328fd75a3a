import * as v from 'valibot';
import type { WeChatResult } from '../wechat/api/error.ts';
import { WeChatRefusal } from './failures.ts';

/**
 * WeChat's result, passed on unchanged: these fields and any that it adds, or its refusal. The type is the one of
 * every result: nobody here relies on what WeChat returns.
 */
export const wechatResult = (...results: v.ObjectEntries[]): v.GenericSchema<WeChatResult> =>
  v.union([
    ...results.map((entries) => v.looseObject(entries)),
    WeChatRefusal,
  ]) as v.GenericSchema<unknown> as v.GenericSchema<WeChatResult>;

/** `{"errcode": 0, "errmsg": "ok"}`, or WeChat's refusal. */
export const wechatDone = wechatResult({ errcode: v.literal(0), errmsg: v.string() });
