import { LARGEST_BODY_BYTES, RefusedCallback } from '../../lib/wechat/callback/callback.ts';

/** A request of API Gateway (payload 2.0). Fields that are missing or of another type are empty. */
export type Request = {
  readonly method: string;
  readonly query: string;
  readonly body: string;
  readonly requestId: string | undefined;
  /** The time at which API Gateway received it, in milliseconds. */
  readonly receivedAt: number;
};

type Fields = { readonly [name: string]: unknown };

/**
 * Reads a request.
 * @throws RefusedCallback over 128 KiB
 */
export function requestOf(event: unknown, now: number): Request {
  const { requestContext, rawQueryString, body, isBase64Encoded } = Object(event) as Fields;
  const { http, requestId, timeEpoch } = Object(requestContext) as Fields;
  const { method } = Object(http) as Fields;
  return {
    method: textOf(method),
    query: textOf(rawQueryString),
    body: bodyOf(textOf(body), isBase64Encoded === true),
    requestId: typeof requestId === 'string' ? requestId : undefined,
    receivedAt: Number.isSafeInteger(timeEpoch) ? Number(timeEpoch) : now,
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function bodyOf(body: string, isBase64: boolean): string {
  const bytes = isBase64 ? (body.length / 4) * 3 : Buffer.byteLength(body);
  if (bytes > LARGEST_BODY_BYTES) throw new RefusedCallback('too_large');
  return isBase64 ? Buffer.from(body, 'base64').toString('utf8') : body;
}
