import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Starts a server on the loopback interface; port 0 is any free one. @throws if the port is in use */
export async function listening(listener: RequestListener, port: number, host = '127.0.0.1'): Promise<Server> {
  const server = createServer(listener);
  await listen(server, port, host);
  return server;
}

/** Starts servers on both addresses of `localhost`, IPv4 and IPv6 if available. */
export async function listeningTwice(listener: RequestListener, port: number): Promise<Server[]> {
  const server = await listening(listener, port);
  try {
    return [server, await listening(listener, port, '::1')];
  } catch (error) {
    if (NO_SUCH_ADDRESS.includes((error as NodeJS.ErrnoException).code)) return [server];
    throw error;
  }
}

const NO_SUCH_ADDRESS: readonly unknown[] = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** Listens on the loopback interface. @throws if the port is in use */
export async function listen(server: Server, port: number, host = '127.0.0.1'): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Closes a server and its open connections. */
export function closed(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
