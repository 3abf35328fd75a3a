import { AUDIT } from './audit.ts';
import type { Contracts } from './contract.ts';
import { INSIGHTS } from './insights.ts';
import { INTERACTIONS } from './interactions.ts';
import { LOGIN } from './login.ts';
import { MENU } from './menu.ts';
import { OPERATORS } from './operators.ts';
import { REMARK } from './remark.ts';
import { REPLY_RULES } from './reply-rules.ts';
import { TAGS } from './tags.ts';
import { USER_TAGS } from './user-tags.ts';

/** The contracts of all routes. */
export const CONTRACTS = {
  ...MENU,
  ...TAGS,
  ...USER_TAGS,
  ...REMARK,
  ...LOGIN,
  ...OPERATORS,
  ...INTERACTIONS,
  ...INSIGHTS,
  ...REPLY_RULES,
  ...AUDIT,
} as const satisfies Contracts;
