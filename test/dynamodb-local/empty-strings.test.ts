import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { keepingEmptyStrings } from './empty-strings.ts';

/** An engine that keeps what it is sent and answers with it. */
const kept: string[] = [];
const engine: Server = createServer(async (request, response) => {
  kept.push(await text(request));
  response.writeHead(201, { 'x-amz-crc32': '1' }).end(kept.at(-1));
});
let front: Awaited<ReturnType<typeof keepingEmptyStrings>>;

beforeAll(async () => {
  await new Promise<void>((ready) => engine.listen(0, '127.0.0.1', ready));
  front = await keepingEmptyStrings(`http://127.0.0.1:${(engine.address() as AddressInfo).port}`);
});

afterAll(() => {
  front.close();
  engine.close();
});

const send = async (body: unknown) => {
  const response = await fetch(front.url, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, checksum: response.headers.get('x-amz-crc32'), body: await response.json() };
};

it.each([
  ['a map', { Item: { details: { M: { title: { S: '' }, url: { S: 'u' } } } } }],
  ['a list', { Item: { details: { L: [{ S: '' }, { M: { a: { S: '' } } }] } } }],
  ['a value of an expression', { ExpressionAttributeValues: { ':more': { L: [{ M: { a: { S: '' } } }] } } }],
])('hides empty strings in %s from the engine, and gives them back', async (_, body) => {
  expect(await send(body)).toEqual({ status: 201, checksum: null, body });
  expect(kept.at(-1)).not.toContain('"S":""');
});

it.each([
  ['at top level', { Item: { name: { S: '' } } }],
  ['in a key', { Key: { pk: { S: '' } } }],
  ['in a text that looks like one', { Item: { details: { M: { content: { S: '{"S":""}' } } } } }],
])('hands on as it is what is empty %s', async (_, body) => {
  expect((await send(body)).body).toEqual(body);
  expect(kept.at(-1)).toBe(JSON.stringify(body));
});
