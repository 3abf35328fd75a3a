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

/** A family of APIs: method and path, and the fields of the response. */
export type Apis = Record<`${'GET' | 'POST'} /cgi-bin/${string}`, (call: Call) => Fields>;

export const OK = { errcode: 0, errmsg: 'ok' };

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The posted JSON object. @throws Refusal 44002 if it is missing, 47001 if it is malformed */
export function bodyOf(raw: string): Fields {
  if (raw.trim() === '') throw new Refusal(44002);
  try {
    const body: unknown = JSON.parse(raw);
    if (isFields(body)) return body;
  } catch {}
  throw new Refusal(47001);
}

/** A string field, '' if it is missing or not a string. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/** The posted `openid_list`. @throws Refusal 40032 unless it has 1 to `most` entries */
export function openidListOf(body: Fields, most: number): string[] {
  const list = body.openid_list;
  if (!Array.isArray(list) || list.length === 0 || list.length > most) throw new Refusal(40032);
  return list.map(String);
}
