import * as v from 'valibot';
import type { Contracts } from './contract.ts';
import { NO_OBJECT } from './issues.ts';
import { wechatDone, wechatResult } from './wechat.ts';

/** Checked as WeChat does, which has errcodes of its own for them. */
const buttons = v.pipe(v.unknown(), v.description("1 to 3 buttons of the menu, as WeChat's menu/create takes them"));

const Leaf = v.looseObject({ name: v.string(), sub_button: v.array(v.looseObject({ name: v.string() })) });
const Menu = v.looseObject({ button: v.array(Leaf) });

export const MENU = {
  'POST /cgi-bin/menu': {
    json: v.looseObject({ button: v.optional(buttons) }, NO_OBJECT),
    response: wechatDone,
  },
  'GET /cgi-bin/menu': {
    response: wechatResult({ menu: Menu, conditionalmenu: v.exactOptional(v.array(Menu)) }),
  },
  'DELETE /cgi-bin/menu': { response: wechatDone },
} as const satisfies Contracts;
