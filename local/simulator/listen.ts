import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { type Guard, guarded } from '../guard.ts';
import { closed, listening, portOf } from '../listening.ts';
import type { Peer, SimulatedWeChat } from './app.ts';

/** Serves a simulated WeChat on the loopback interface; port 0 is any free one. `close` also closes open connections. */
export async function listen(simulated: SimulatedWeChat, port: number, guard: Guard = {}) {
  const listener = getRequestListener((request, env) => simulated.handle(request, peerOf(env as HttpBindings)), {
    overrideGlobalObjects: false,
  });
  const server = await listening(guarded(listener, guard), port);
  return { url: `http://127.0.0.1:${portOf(server)}`, close: () => closed(server) };
}

function peerOf({ incoming }: HttpBindings): Peer {
  const address = incoming.socket.remoteAddress ?? '';
  return { ip: address.replace(/^::ffff:/, ''), cut: () => incoming.socket.destroy() };
}
