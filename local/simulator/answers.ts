import { randomBytes } from 'node:crypto';
import { stringify } from 'lossless-json';
import { errmsgOf } from './faults.ts';
import { Refusal } from './refusal.ts';

/** The one errmsg that the original API's documentation shows, and tests compare, without a tail. */
const WITHOUT_RID = [40013];

/** An API's answer: numbers above 2^53 are written out, the type is one of the two that WeChat uses. */
export function answerOf(fields: object, contentType = 'application/json; encoding=utf-8'): Response {
  return new Response(stringify(fields) ?? '', { headers: { 'content-type': contentType } });
}

/** A failure as WeChat reports it: HTTP 200, and behind the errmsg an id that changes with every call. */
export function refusalOf(errcode: number, now: number, errmsg = errmsgOf(errcode), fields: object = {}): Response {
  const tail = WITHOUT_RID.includes(errcode) ? '' : ` rid: ${rid(now)}`;
  return answerOf({ errcode, errmsg: errmsg + tail, ...fields }, 'text/plain');
}

/** Turns what an API threw into its answer. */
export function answerToError(error: unknown, now: number): Response {
  if (error instanceof Refusal) return refusalOf(error.errcode, now, error.message, error.fields);
  throw error;
}

function rid(now: number): string {
  const random = randomBytes(8).toString('hex');
  return `${Math.floor(now / 1000).toString(16)}-${random.slice(0, 8)}-${random.slice(8)}`;
}
