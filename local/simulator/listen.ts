import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { type Guard, guarded } from '../guard.ts';
import { closed, listening, portOf } from '../listening.ts';
import type { Peer, SimulatedWeChat } from './app.ts';

/** Serves a simulated WeChat on this computer; port 0 takes a free one. `close` also ends what is still open. */
export async function listen(simulated: SimulatedWeChat, port: number, guard: Guard = {}) {
  const answer = getRequestListener((request, env) => simulated.handle(request, peerOf(env as HttpBindings)), {
    overrideGlobalObjects: false,
  });
  const server = await listening(guarded(answer, guard), port);
  return { url: `http://127.0.0.1:${portOf(server)}`, close: () => closed(server) };
}

function peerOf({ incoming }: HttpBindings): Peer {
  const address = incoming.socket.remoteAddress ?? '';
  return { ip: address.replace(/^::ffff:/, ''), cut: () => incoming.socket.destroy() };
}
