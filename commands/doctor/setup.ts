import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Invoke } from '../../lib/aws/invoke.ts';
import type { Env } from '../command.ts';

/** A stage as the checks see it: what its functions were told, and the ways to reach it. */
export type Setup = {
  readonly stage: string;
  /** The callback, as it is entered at mp.weixin.qq.com; undefined when nobody knows it. */
  readonly url: string | undefined;
  /** The variables of the stage's functions, secrets among them: nothing of it is printed but what is harmless. */
  readonly env: Env;
  /** Why the callback refused a request: the code in its log, undefined if that cannot be read. */
  readonly refusalOf: (requestId: string) => Promise<string | undefined>;
  /** How the access-token function goes out to WeChat, and whether that address lasts. */
  readonly ourAddress: () => Promise<string>;
  readonly invoke: Invoke;
  readonly accessTokenFunction: string;
  readonly db: Pick<DynamoDBClient, 'send'>;
  /** The names of the tables, by what they are called here: `interactions`, `reply-rules`, … */
  readonly tables: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  /** This computer's clock, in milliseconds. */
  readonly now: () => number;
};

export type Finding = {
  readonly found: 'right' | 'wrong' | 'skipped';
  /** One line: what is so, or what is wrong and how to mend it. */
  readonly says: string;
};

export const right = (says: string): Finding => ({ found: 'right', says });

export const wrong = (what: string, mend: string): Finding => ({ found: 'wrong', says: `${what} → ${mend}` });

export const skipped = (why: string): Finding => ({ found: 'skipped', says: `skipped: ${why}` });

/** A stage of which nothing can be learned: it is not deployed, not running, or not ours to ask. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly mend: string;

  constructor(what: string, mend: string) {
    super(what);
    this.mend = mend;
  }
}

/** How a variable of this stage is changed. */
export function toSet({ stage }: Pick<Setup, 'stage'>, what: string): string {
  if (stage === 'local') return `set ${what} in .env and start npm start again`;
  return `set ${what} in the secret wechat-server/${stage}/wechat, then deploy with --param secretVersion=<its new version>`;
}

/** Why a connection failed: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, … or the error's own name, `TimeoutError`. */
export function failureCode(error: unknown): string {
  const { name, cause } = Object(error) as { name?: unknown; cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : String(name);
}
