import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import type { Peer, SimulatedWeChat } from './app.ts';

/** Serves a simulated WeChat on this computer; port 0 takes a free one. `close` also ends what is still open. */
export async function listen(simulated: SimulatedWeChat, port: number) {
  const server = createAdaptorServer({
    fetch: (request, env) => simulated.handle(request, peerOf(env as HttpBindings)),
    overrideGlobalObjects: false,
  }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${taken}`, close: () => close(server) };
}

function peerOf({ incoming }: HttpBindings): Peer {
  const address = incoming.socket.remoteAddress ?? '';
  return { ip: address.replace(/^::ffff:/, ''), cut: () => incoming.socket.destroy() };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
