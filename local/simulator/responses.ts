import { randomBytes } from 'node:crypto';
import { stringify } from 'lossless-json';
import { errmsgOf } from './faults.ts';
import { Refusal } from './refusal.ts';

/** The errcodes whose errmsg has no rid in the original specification. */
const WITHOUT_RID = [40013];

/** The response of an API: numbers above 2^53 are written out, the content type is one of WeChat's two. */
export function responseOf(fields: object, contentType = 'application/json; encoding=utf-8'): Response {
  return new Response(stringify(fields) ?? '', { headers: { 'content-type': contentType } });
}

/** A failure as WeChat reports it: HTTP 200, and after the errmsg a rid that differs for every call. */
export function refusalOf(errcode: number, now: number, errmsg = errmsgOf(errcode), fields: object = {}): Response {
  const tail = WITHOUT_RID.includes(errcode) ? '' : ` rid: ${rid(now)}`;
  return responseOf({ errcode, errmsg: errmsg + tail, ...fields }, 'text/plain');
}

/** The response to an error of an API. */
export function responseToError(error: unknown, now: number): Response {
  if (error instanceof Refusal) return refusalOf(error.errcode, now, error.message, error.fields);
  throw error;
}

function rid(now: number): string {
  const random = randomBytes(8).toString('hex');
  return `${Math.floor(now / 1000).toString(16)}-${random.slice(0, 8)}-${random.slice(8)}`;
}
