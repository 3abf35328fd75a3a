import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * DynamoDB stores empty strings anywhere but in keys since May 2020; the engine at hand was built before and refuses
 * them everywhere. This stands in front of it and keeps them inside of maps and lists, where our items have them, as a
 * text that nobody writes. An empty string at top level, which our tables do not rely on, stays refused.
 */
export async function keepingEmptyStrings(engine: string): Promise<{ url: string; close: () => void }> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    pass(engine, agent, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

const STAND_IN = 'an empty string, which this engine refuses';

async function pass(engine: string, agent: Agent, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const asked = withoutEmptyStrings(await text(incoming));
  const { method = 'POST', headers } = incoming;
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    request(engine, { method, agent, headers: { ...headers, 'content-length': Buffer.byteLength(asked) } }, resolve)
      .on('error', reject)
      .end(asked),
  );
  const answer = (await text(response)).replaceAll(`"${STAND_IN}"`, '""');
  const { 'x-amz-crc32': _checksum, 'transfer-encoding': _chunked, ...answered } = response.headers;
  outgoing.writeHead(response.statusCode ?? 500, { ...answered, 'content-length': Buffer.byteLength(answer) });
  outgoing.end(answer);
}

const withoutEmptyStrings = (body: string): string =>
  /"S"\s*:\s*""/.test(body) ? JSON.stringify(replaced(JSON.parse(body), false)) : body;

function replaced(value: unknown, isInside: boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => replaced(one, isInside));
  if (typeof value !== 'object' || value === null) return value;
  if (isInside && 'S' in value && value.S === '') return { S: STAND_IN };
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, replaced(one, isInside || name === 'M' || name === 'L')]),
  );
}
