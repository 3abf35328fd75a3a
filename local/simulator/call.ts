import { Refusal } from './refusal.ts';
import type { AccountState } from './state.ts';

export type Fields = Record<string, unknown>;

/** One call of an API whose access_token was accepted. `now` is in milliseconds. */
type Call = {
  account: AccountState;
  query: (name: string) => string | undefined;
  raw: string;
  now: number;
};

/** A family of APIs: the method and path, and what is answered. Answers without errcode are sent as they are. */
export type Apis = Record<`${'GET' | 'POST'} /cgi-bin/${string}`, (call: Call) => Fields>;

export const OK = { errcode: 0, errmsg: 'ok' };

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The posted JSON object: 44002 when there is none, 47001 when it cannot be read. */
export function bodyOf(raw: string): Fields {
  if (raw.trim() === '') throw new Refusal(44002);
  try {
    const body: unknown = JSON.parse(raw);
    if (isFields(body)) return body;
  } catch {}
  throw new Refusal(47001);
}

/** A text field, '' when it is absent or no text. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/** `openid_list` as posted: 1 to `most` texts, else 40032. */
export function openidListOf(body: Fields, most: number): string[] {
  const list = body.openid_list;
  if (!Array.isArray(list) || list.length === 0 || list.length > most) throw new Refusal(40032);
  return list.map(String);
}
