import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

type Response = APIGatewayProxyStructuredResultV2;

const plain = (statusCode: number, body: string): Response => ({
  statusCode,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
  body,
});

/** The response to a URL check: exactly the echostr, which WeChat compares byte for byte. */
export const echo = (echostr: string): Response => plain(200, echostr);

/** The response without a reply; unencrypted in every mode. */
export const SUCCESS: Response = plain(200, 'success');

export const xml = (body: string): Response => ({
  statusCode: 200,
  headers: { 'Content-Type': 'text/xml; charset=utf-8' },
  body,
});

const failure = (statusCode: number, errmsg: string): Response => ({
  statusCode,
  headers: { 'Content-Type': 'application/json; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
  body: JSON.stringify({ errcode: statusCode, errmsg }),
});

/** The response to any refused request. The reason is only in the log: it would help to attack the encryption. */
export const REFUSED = failure(401, 'refused');

export const TOO_LARGE = failure(413, 'the body is too large');

/** The response to a held delivery, after WeChat has hung up. */
export const HELD = failure(503, 'try again');
