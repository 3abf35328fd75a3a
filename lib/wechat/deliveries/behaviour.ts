import type { Shape } from './fields.ts';

/** The meaning of an event. Rules for `anything` match all but the last two. */
export type Behaviour = 'subscription' | 'scan' | 'location' | 'menuAction' | 'jobResult' | 'notice';

type Traits = {
  /** The follower did it, and so was there: who did is active. */
  readonly isAct: boolean;
  /** It comes of nobody but followers. WeChat reports others also of who left, or of the account itself. */
  readonly showsFollowing: boolean;
  /** The time for which WeChat then accepts customer-service messages, in milliseconds (its page "Customer service messages"). */
  readonly opensForMs: number;
};

/** An event: its behaviour, and the fields that are read of it. */
export type EventKind<B extends Behaviour = Behaviour, S extends Shape = Shape, N extends string = string> = Traits & {
  readonly behaviour: B;
  readonly fields: S;
  /** The field that names the button, page or QR code behind it. */
  readonly names?: N | undefined;
  /** The element with the follower's openid, unless it is FromUserName. */
  readonly sender?: 'OpenID' | undefined;
};

const MINUTE_MS = 60_000;

const DONE: Traits = { isAct: true, showsFollowing: true, opensForMs: 0 };
const TOLD: Traits = { isAct: false, showsFollowing: true, opensForMs: 0 };

export const OPENS_FOR_A_MINUTE = { opensForMs: MINUTE_MS } as const;

/** Somebody follows or leaves, scans, tells where they are, or uses the menu. */
export const behaviour = <
  B extends Exclude<Behaviour, 'notice' | 'jobResult'>,
  S extends Shape,
  const N extends string,
>(
  behaviour: B,
  fields: S,
  traits: Partial<Traits> & { readonly names?: N } = {},
): EventKind<B, S, N> => ({ behaviour, ...DONE, ...traits, fields });

/** The end of a job of the account's: of what it sent or published. */
export const jobResult = <S extends Shape>(fields: S): EventKind<'jobResult', S, never> => ({
  ...{ behaviour: 'jobResult', ...TOLD, showsFollowing: false, fields },
});

/** WeChat tells of what happened to a follower. */
export const notice = <S extends Shape>(fields: S, traits: Partial<Traits> = {}): EventKind<'notice', S, never> => ({
  ...{ behaviour: 'notice', ...TOLD, ...traits, fields },
});

/** WeChat tells of what a follower did outside the chat and its menu. */
export const act = <S extends Shape>(fields: S): EventKind<'notice', S, never> => notice(fields, { isAct: true });

/** WeChat tells of the account, or of somebody who need not follow. */
export const report = <S extends Shape>(fields: S): EventKind<'notice', S, never> =>
  notice(fields, { showsFollowing: false });
