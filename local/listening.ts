import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server for this computer alone; port 0 takes a free one. @throws if the port is taken */
export async function listening(listener: RequestListener, port: number, host = '127.0.0.1'): Promise<Server> {
  const server = createServer(listener);
  await listen(server, port, host);
  return server;
}

/** The same under both addresses that `localhost` may be, where there are two. */
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

/** Listens on this computer alone. @throws if the port is taken */
export async function listen(server: Server, port: number, host = '127.0.0.1'): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Ends a server, also what is still open. */
export function closed(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
