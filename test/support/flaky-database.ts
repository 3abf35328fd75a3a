import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What may go wrong with one call to DynamoDB: an answer of its own, a cut before it arrives, or a cut after. */
export type Fault = 'ok' | 'error 500' | 'throttled' | 'cut before' | 'cut after';

/** DynamoDB as a bad day has it: stands in front of the embedded one and asks `faultOf` about every call. */
export async function flakyDatabase(faultOf: (call: number) => Fault): Promise<{ url: string; close: () => void }> {
  let calls = 0;
  const server: Server = createServer((incoming, outgoing) => forward(incoming, outgoing, faultOf(++calls)));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault): void {
  if (fault === 'cut before') outgoing.destroy();
  else if (fault === 'error 500') answer(outgoing, 500, 'InternalServerError');
  else if (fault === 'throttled') answer(outgoing, 400, 'ProvisionedThroughputExceededException');
  else pass(incoming, outgoing, fault);
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault): void {
  const { hostname, port } = new URL(process.env.DYNAMODB_ENDPOINT ?? '');
  const onward = request({ hostname, port, method: 'POST', headers: incoming.headers }, (response) => {
    if (fault === 'cut after') {
      response.resume().on('end', () => outgoing.destroy());
      return;
    }
    outgoing.writeHead(response.statusCode ?? 500, response.headers);
    response.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}

function answer(outgoing: ServerResponse, status: number, type: string): void {
  outgoing.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' });
  outgoing.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: type }));
}
