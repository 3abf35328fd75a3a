import { isWeChatError, tooSlow, unreachable, type WeChatResult } from './error.ts';
import { readJson } from './json.ts';

/** The time limit of one call to WeChat, in milliseconds. */
export const CALL_TIMEOUT_MS = 4_000;

/** A page of 10,000 openids is 0.4 MB; no result is near this limit. */
const MAX_RESULT_BYTES = 10 * 1024 * 1024;

/** `path` is for messages: the URL itself holds a token. A `body` is JSON text and makes it a POST. */
export type WeChatCall = {
  url: URL;
  path: string;
  body?: string | undefined;
  timeout_ms?: number;
  fetch: typeof fetch;
};

/**
 * One request to WeChat. Its result is read as JSON, whatever the Content-Type says; an `errcode` in it is the caller's
 * business.
 * @throws WeChatError WECHAT_UNREACHABLE (network, HTTP error, redirect, not JSON) or WECHAT_TOO_SLOW
 */
export async function request({
  url,
  path,
  body,
  timeout_ms = CALL_TIMEOUT_MS,
  fetch,
}: WeChatCall): Promise<WeChatResult> {
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body !== undefined && { body, headers: { 'content-type': 'application/json; charset=utf-8' } }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeout_ms),
    });
    return resultIn(await textOf(response, path), path, response.status);
  } catch (error) {
    throw isTimeout(error) ? tooSlow(path, `No response within ${timeout_ms} ms.`) : failureOf(error, path);
  }
}

const isTimeout = (error: unknown): boolean => (error as Error | undefined)?.name === 'TimeoutError';

/** The failure with the code of a network error alone: its text and its cause may hold the URL, and so the token. */
function failureOf(error: unknown, path: string): Error {
  if (isWeChatError(error)) return error;
  const { code } = Object((error as Error | undefined)?.cause) as { code?: unknown };
  return unreachable(path, typeof code === 'string' ? `The connection failed (${code}).` : 'The connection failed.');
}

async function textOf(response: Response, path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_RESULT_BYTES) throw unreachable(path, `The response is over ${MAX_RESULT_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function resultIn(text: string, path: string, status: number): WeChatResult {
  if (status >= 500) throw unreachable(path, `WeChat responded with HTTP ${status}.`);
  if (text.trim() === '') throw unreachable(path, `WeChat responded with HTTP ${status} and an empty body.`);
  const result = jsonIn(text);
  if (isResult(result)) return result;
  throw unreachable(path, `The response (HTTP ${status}) is not WeChat's JSON.`);
}

function jsonIn(text: string): unknown {
  try {
    return readJson(text);
  } catch {
    return undefined;
  }
}

const isResult = (value: unknown): value is WeChatResult =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
