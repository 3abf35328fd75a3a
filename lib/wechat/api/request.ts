import { tooSlow, unreachable, WeChatError, type WeChatResult } from './error.ts';
import { readJson } from './json.ts';

/** How long one call to WeChat may take. */
export const CALL_TIMEOUT_MS = 4_000;

/** A page of 10,000 openids is 0.4 MB; nothing WeChat answers here is near this. */
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

/** `path` is for messages: the URL itself holds a token. A `body` is JSON text and makes it a POST. */
export type WeChatCall = {
  url: URL;
  path: string;
  body?: string | undefined;
  timeout_ms?: number;
  fetch: typeof fetch;
};

/**
 * Asks WeChat once and reads its answer as JSON, whatever the Content-Type says. An `errcode` in it is the caller's
 * business. Throws WeChatError `unreachable` (network, HTTP error, redirect, not JSON) or `too_slow`.
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
    return answerIn(await textOf(response, path), path, response.status);
  } catch (error) {
    throw isTimeout(error) ? tooSlow(path, `No answer within ${timeout_ms} ms.`) : failureOf(error, path);
  }
}

const isTimeout = (error: unknown): boolean => (error as Error | undefined)?.name === 'TimeoutError';

/** Only the code of a network failure is kept: its text and its cause may hold the URL, and with it the token. */
function failureOf(error: unknown, path: string): Error {
  if (error instanceof WeChatError) return error;
  const { code } = Object((error as Error | undefined)?.cause) as { code?: unknown };
  return unreachable(path, typeof code === 'string' ? `The connection failed (${code}).` : 'The connection failed.');
}

async function textOf(response: Response, path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw unreachable(path, `The answer is over ${MAX_ANSWER_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function answerIn(text: string, path: string, status: number): WeChatResult {
  if (status >= 500) throw unreachable(path, `WeChat answered HTTP ${status}.`);
  if (text.trim() === '') throw unreachable(path, `WeChat answered HTTP ${status} with an empty body.`);
  const answer = jsonIn(text);
  if (isAnswer(answer)) return answer;
  throw unreachable(path, `What answered (HTTP ${status}) did not speak WeChat's JSON.`);
}

function jsonIn(text: string): unknown {
  try {
    return readJson(text);
  } catch {
    return undefined;
  }
}

const isAnswer = (value: unknown): value is WeChatResult =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
