import { randomBytes } from 'node:crypto';
import { Refusal } from './refusal.ts';
import type { AccountState, State, Token } from './state.ts';

const LIFE_MS = 7_200_000;
const OVERLAP_MS = 300_000;
const FORCED_APART_MS = 30_000;
/** The time for which an ended token is reported as expired rather than unknown. */
const REMEMBERED_MS = 86_400_000;
const SHAPE = /^\d+_[A-Za-z0-9_-]{100,}$/;

/** `GET /cgi-bin/token`: always a new token; the previous one is valid for five more minutes at most. */
export function issueClassic(account: AccountState, now: number) {
  for (const token of living(account, 'classic', now)) {
    token.until = Math.min(token.until, now + OVERLAP_MS);
    token.replaced = true;
  }
  return answer(issue(account, 'classic', now), now);
}

/** `POST /cgi-bin/stable_token`: the same token until five minutes before its expiry, then a new one beside it. */
export function issueStable(account: AccountState, now: number) {
  return answer(lasting(account, now) ?? issue(account, 'stable', now), now);
}

/** `force_refresh`: ends every stable token at once, unless the last refresh is less than 30 seconds old. */
export function forceStable(account: AccountState, now: number) {
  for (const token of living(account, 'stable', now)) {
    token.until = now;
    token.replaced = true;
  }
  account.forced_at = now;
  return answer(issue(account, 'stable', now), now);
}

export function mayForce(account: AccountState, now: number): boolean {
  return now - account.forced_at >= FORCED_APART_MS;
}

/** The account of a token. @throws Refusal 41001, 40014, 40001 or 42001 */
export function accountOf(state: State, offered: string | undefined, now: number): AccountState {
  if (!offered) throw new Refusal(41001);
  if (!SHAPE.test(offered)) throw new Refusal(40014);
  for (const account of Object.values(state.accounts)) {
    const token = account.tokens.find(({ access_token }) => access_token === offered);
    if (!token) continue;
    if (now < token.until) return account;
    throw new Refusal(token.replaced ? 40001 : 42001);
  }
  throw new Refusal(40001);
}

/** Expires a token now, for the fault `expire-token`. */
export function expireToken(state: State, offered: string | undefined, now: number): void {
  const tokens = Object.values(state.accounts).flatMap((account) => account.tokens);
  const token = tokens.find(({ access_token }) => access_token === offered);
  if (token) token.until = now;
}

function living(account: AccountState, family: Token['family'], now: number): Token[] {
  return account.tokens.filter((token) => token.family === family && now < token.until);
}

function lasting(account: AccountState, now: number): Token | undefined {
  return living(account, 'stable', now).find((token) => token.until - now > OVERLAP_MS);
}

function issue(account: AccountState, family: Token['family'], now: number): Token {
  const access_token = `${family === 'stable' ? 92 : 91}_${randomBytes(96).toString('base64url')}`;
  const token: Token = { access_token, family, until: now + LIFE_MS, replaced: false };
  account.tokens = [...account.tokens.filter(({ until }) => now - until < REMEMBERED_MS), token];
  return token;
}

function answer({ access_token, until }: Token, now: number) {
  return { access_token, expires_in: Math.floor((until - now) / 1000) };
}
