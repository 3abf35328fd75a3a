import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

type Response = APIGatewayProxyStructuredResultV2;

const plain = (statusCode: number, body: string): Response => ({
  statusCode,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
  body,
});

/** Exactly the echostr: WeChat compares byte for byte. */
export const echo = (echostr: string): Response => plain(200, echostr);

/** Taken, nothing said. In every mode unencrypted. */
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

/** Whatever is wrong with a request: who learned the reason could take messages apart with it. It is in the log. */
export const REFUSED = failure(401, 'refused');

export const TOO_LARGE = failure(413, 'the body is too large');

/** Given only when WeChat has hung up. */
export const HELD = failure(503, 'try again');
