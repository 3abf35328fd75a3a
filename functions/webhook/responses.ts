import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

type Answer = APIGatewayProxyStructuredResultV2;

const plain = (statusCode: number, body: string): Answer => ({
  statusCode,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
  body,
});

/** Exactly the echostr: WeChat compares byte for byte. */
export const echo = (echostr: string): Answer => plain(200, echostr);

/** Taken, nothing said. In every mode unencrypted. */
export const SUCCESS: Answer = plain(200, 'success');

export const xml = (body: string): Answer => ({
  statusCode: 200,
  headers: { 'Content-Type': 'text/xml; charset=utf-8' },
  body,
});

export const refused = (status: number, errmsg: string): Answer => ({
  statusCode: status,
  headers: { 'Content-Type': 'application/json; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
  body: JSON.stringify({ errcode: status, errmsg }),
});
