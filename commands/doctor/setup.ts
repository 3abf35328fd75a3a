import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Invoke } from '../../lib/aws/invoke.ts';
import type { Env } from '../command.ts';

/** A stage for the checks: the variables of its functions, and access to it. */
export type Setup = {
  readonly stage: string;
  /** The URL of the callback, as entered at mp.weixin.qq.com; undefined if unknown. */
  readonly url: string | undefined;
  /** The variables of the stage's functions, including secrets, which are never printed. */
  readonly env: Env;
  /** The code of a refusal in the callback's log; undefined if the log cannot be read. */
  readonly refusalOf: (requestId: string) => Promise<string | undefined>;
  /** The outgoing address of the access-token function, and whether it is fixed, in words. */
  readonly ourAddress: () => Promise<string>;
  readonly invoke: Invoke;
  readonly accessTokenFunction: string;
  readonly db: Pick<DynamoDBClient, 'send'>;
  /** The names of the tables by their keys: `interactions`, `reply-rules`, … */
  readonly tables: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  /** This computer's clock, in milliseconds. */
  readonly now: () => number;
};

export type Finding = {
  readonly found: 'right' | 'wrong' | 'skipped';
  /** One line: the finding, or the fault and its fix. */
  readonly message: string;
};

export const right = (says: string): Finding => ({ found: 'right', message: says });

export const wrong = (what: string, fix: string): Finding => ({ found: 'wrong', message: `${what} → ${fix}` });

export const skipped = (why: string): Finding => ({ found: 'skipped', message: `skipped: ${why}` });

/** A stage that cannot be read: it is not deployed, not running, or access is denied. */
export class StageUnreadable extends Error {
  override readonly name = 'Unreadable';
  readonly fix: string;

  constructor(what: string, fix: string) {
    super(what);
    this.fix = fix;
  }
}

/** The instruction to change a variable of this stage. */
export function toSet({ stage }: Pick<Setup, 'stage'>, what: string): string {
  if (stage === 'local') return `set ${what} in .env and start npm start again`;
  return `set ${what} in the secret wechat-server/${stage}/wechat, then deploy with --param secretVersion=<its new version>`;
}

/** The code of a failed connection: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, … or the error's name, `TimeoutError`. */
export function failureCode(error: unknown): string {
  const { name, cause } = Object(error) as { name?: unknown; cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : String(name);
}
